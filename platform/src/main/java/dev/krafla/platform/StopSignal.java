package dev.krafla.platform;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * A long-running command's wish to end: SIGTERM, Ctrl-C, or {@link #request}. The first asks it to
 * end in good order; a second, while it does so, interrupts it. Thread-safe.
 */
final class StopSignal {
  private final CountDownLatch requested = new CountDownLatch(1);
  private final List<String> signals;
  private int requests;
  private @Nullable Thread ending;

  private StopSignal(List<String> signals) {
    this.signals = signals;
  }

  /** Heeds the process's signals. */
  static StopSignal ofProcess() {
    return new StopSignal(List.of("INT", "TERM"));
  }

  /** Heeds {@link #request} alone. */
  static StopSignal byHand() {
    return new StopSignal(List.of());
  }

  /** From now on signals come here; until then they end the process at once. */
  void heed() {
    for (String signal : signals) {
      var _ = Signals.register(signal, this::request);
    }
  }

  /** What a signal does. */
  synchronized void request() {
    requests++;
    requested.countDown();
    if (requests > 1 && ending != null) {
      ending.interrupt();
    }
  }

  /** Returns when asked to end. */
  void await() throws InterruptedException {
    requested.await();
  }

  /**
   * Runs {@code task} in this thread, which a second request interrupts, even one that came before;
   * once it returns, requests have no effect.
   */
  boolean endInOrder(BooleanSupplier task) {
    synchronized (this) {
      ending = Thread.currentThread();
      if (requests > 1) {
        ending.interrupt();
      }
    }
    try {
      return task.getAsBoolean();
    } finally {
      synchronized (this) {
        ending = null;
        var _ = Thread.interrupted(); // it has had its effect
      }
    }
  }
}
