package dev.krafla.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpinPoolTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16}) // alone, as many as cores, more than cores
  void everyMemberTakesPartInEveryTaskExactlyOnce(int size) {
    try (SpinPool pool = new SpinPool(size)) {
      var calls = new AtomicIntegerArray(size);
      for (int task = 1; task <= 2_000; task++) {
        pool.run((member, members) -> {
          assertThat(members).isEqualTo(size);
          calls.incrementAndGet(member);
        });
        for (int m = 0; m < size; m++) {
          assertThat(calls.get(m)).isEqualTo(task);
        }
      }
    }
  }

  @Test
  void workOfATaskIsVisibleToTheCallerAfterwards() {
    try (SpinPool pool = new SpinPool(4)) {
      int[] plain = new int[64];
      for (int task = 1; task <= 2_000; task++) {
        pool.run((member, members) -> {
          for (int i = member; i < plain.length; i += members) {
            plain[i]++;
          }
        });
        assertThat(plain).containsOnly(task);
      }
    }
  }

  @Test
  void workersThatWentToSleepAreWoken() throws InterruptedException {
    try (SpinPool pool = new SpinPool(3)) {
      var calls = new AtomicInteger();
      for (int round = 1; round <= 5; round++) {
        awaitParked();
        int others = 3 * round - 1;
        pool.run((member, members) -> {
          while (member == 0 && calls.get() < others) { // so that the caller takes over no share
            Thread.onSpinWait();
          }
          calls.incrementAndGet();
        });
        assertThat(calls).hasValue(3 * round);
      }
    }
  }

  @Test
  void sharesOfWorkersThatSleepAreTakenOverByTheCaller() throws InterruptedException {
    try (SpinPool pool = new SpinPool(8)) {
      Thread caller = Thread.currentThread();
      var takenOver = new AtomicBoolean();
      while (!takenOver.get()) { // a sleeping worker takes longer to wake than these shares take
        awaitParked();
        pool.run((member, members) -> {
          if (member > 0 && Thread.currentThread() == caller) {
            takenOver.set(true);
          }
        });
      }
    }
  }

  private static void awaitParked() throws InterruptedException {
    boolean parked = false;
    while (!parked) {
      parked =
          Thread.getAllStackTraces().keySet().stream()
              .filter(t -> t.getName().startsWith("krafla-compute-"))
              .allMatch(t -> t.getState() == Thread.State.WAITING);
      Thread.sleep(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aMembersFailureReachesTheCallerAndThePoolGoesOn(int failing) {
    try (SpinPool pool = new SpinPool(3)) {
      var others = new AtomicInteger();
      assertThatThrownBy(() ->
              pool.run((member, members) -> {
                if (member == failing) {
                  throw new ArithmeticException("member " + member);
                }
                others.incrementAndGet();
              }))
          .isInstanceOf(ArithmeticException.class)
          .hasMessage("member " + failing);
      assertThat(others).hasValue(2);

      var calls = new AtomicInteger();
      pool.run((member, members) -> calls.incrementAndGet());
      assertThat(calls).hasValue(3);
    }
  }

  @Test
  void aTaskWithinATaskIsRefused() {
    try (SpinPool pool = new SpinPool(2)) {
      assertThatThrownBy(() -> pool.run((member, members) -> pool.run((m, n) -> {})))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("does not nest");
      var calls = new AtomicInteger();
      pool.run((member, members) -> calls.incrementAndGet());
      assertThat(calls).hasValue(2);
    }
  }

  @Test
  void aClosedPoolHasNoThreadsAndRefusesTasks() {
    SpinPool pool = new SpinPool(3);
    pool.close();
    pool.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(t -> t.getName().startsWith("krafla-compute-") && t.isAlive());
    assertThatThrownBy(() -> pool.run((member, members) -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void aPoolWithoutMembersIsRefused() {
    assertThatThrownBy(() -> new SpinPool(0)).hasMessageContaining("at least 1");
  }
}
