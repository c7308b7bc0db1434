package dev.krafla.platform;

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

  /** Takes the place of the JVM's own handlers, which would end the process at once. */
  void handleProcessSignals() {
    for (String name : new String[] {"INT", "TERM"}) {
      var _ = Signals.register(name, this::request);
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
