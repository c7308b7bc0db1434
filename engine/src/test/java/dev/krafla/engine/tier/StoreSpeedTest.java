package dev.krafla.engine.tier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class StoreSpeedTest {
  @Test
  void isWhatTheProbeMeasured() {
    var speed = new StoreSpeed();
    speed.measured(20_000, 120_000, 400_000);
    assertThat(speed.nanos(10, 4_000_000)).isCloseTo(10 * 20_000 + 1_000_000, within(1e-3));
    assertThat(speed.bytesPerSecond()).isCloseTo(4e9, within(1.0));
  }

  @Test
  void comesCloseToWhatLoadsTake() {
    var speed = new StoreSpeed();
    speed.measured(10_000, 110_000, 1_000_000);
    for (int i = 0; i < 200; i++) {
      speed.loaded(1, 1_000_000, 1_010_000); // ten times slower than the probe
    }
    assertThat(speed.nanos(1, 1_000_000)).isCloseTo(1_010_000, within(20_000.0));
  }

  @Test
  void aStoreThatIsPassedOverGetsAnotherChanceOneDay() {
    var speed = new StoreSpeed(1000, 0.001);
    double before = speed.nanos(1, 1000);
    for (int i = 0; i < 250; i++) {
      speed.passedOver();
    }
    assertThat(speed.nanos(1, 1000)).isLessThan(before / 10);
  }

  @Test
  void anEntryThatDidNotComeShowsALatencyAndOneThatComesASmallerOne() {
    var speed = new StoreSpeed();
    speed.measured(10_000, 110_000, 1_000_000);
    speed.gaveUp(50_000_000);
    assertThat(speed.latencySeconds()).isCloseTo(0.05, within(1e-9));
    speed.gaveUp(1_000_000);
    assertThat(speed.latencySeconds()).isCloseTo(0.05, within(1e-9));
    speed.loaded(2, 1_000_000, 4_000_000);
    assertThat(speed.latencySeconds()).isCloseTo(0.002, within(1e-9));
  }

  @Test
  void aStoreOfWhichNothingIsKnownIsTakenToBeFast() {
    assertThat(new StoreSpeed().nanos(100, 1L << 30)).isZero();
  }
}
