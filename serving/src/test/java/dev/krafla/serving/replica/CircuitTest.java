package dev.krafla.serving.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitTest {
  private final AtomicLong clock = new AtomicLong();
  private final Circuit circuit = new Circuit(clock::get);

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  private void failTimes(int times) {
    for (int i = 0; i < times; i++) {
      circuit.enter();
      circuit.failed();
    }
  }

  @Test
  void opensAfterThreeFailuresInARow() {
    failTimes(2);
    circuit.succeeded();
    failTimes(2);
    assertThat(circuit.admits()).isTrue();
    failTimes(1);
    assertThat(circuit.admits()).isFalse();
    assertThat(circuit.enter()).isFalse();
  }

  @Test
  void letsOneRequestTryAfterThePause() {
    failTimes(3);
    pass(Duration.ofSeconds(1));
    assertThat(circuit.enter()).isTrue();
    assertThat(circuit.state()).isInstanceOf(Circuit.State.HalfOpen.class);
    assertThat(circuit.enter()).as("a second one").isFalse();
    circuit.succeeded();
    assertThat(circuit.state()).isEqualTo(new Circuit.State.Closed(0));
  }

  @Test
  void pausesTwiceAsLongEachTimeUpToHalfAMinute() {
    failTimes(3);
    for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
      pass(Duration.ofSeconds(seconds).minusNanos(1));
      assertThat(circuit.admits()).as("before %d s", seconds).isFalse();
      pass(Duration.ofNanos(1));
      assertThat(circuit.enter()).as("after %d s", seconds).isTrue();
      circuit.failed();
    }
  }

  @Test
  void aTryWhoseClientLeftTellsNothing() {
    failTimes(3);
    pass(Duration.ofSeconds(1));
    assertThat(circuit.enter()).isTrue();
    circuit.abandoned();
    assertThat(circuit.enter()).as("the next one tries").isTrue();
  }

  @Test
  void requestsOfBeforeDoNotProlongThePause() {
    failTimes(3);
    circuit.failed();
    circuit.abandoned();
    pass(Duration.ofSeconds(1));
    assertThat(circuit.admits()).isTrue();
  }
}
