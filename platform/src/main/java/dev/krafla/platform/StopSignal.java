package dev.krafla.platform;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jline.utils.Signals;

/**
 * A long-running command's wish to end: SIGTERM, Ctrl-C, or {@link #request}. The first asks it to
 * end in good order; a second, while it does so, interrupts it. Thread-safe.
 */
final class StopSignal {
  private final CountDownLatch requested = new CountDownLatch(1);
  private final AtomicReference<Thread> waiting = new AtomicReference<>();
  private final List<String> signals;

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
  void request() {
    if (requested.getCount() == 0) {
      Thread owner = waiting.get();
      if (owner != null) {
        owner.interrupt();
      }
    }
    requested.countDown();
  }

  /** Returns when asked to end; from then on the calling thread is the one to interrupt. */
  void await() throws InterruptedException {
    waiting.set(Thread.currentThread());
    requested.await();
  }
}
