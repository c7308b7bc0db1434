package dev.krafla.platform;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

  /** Asks to end once {@code in} ends or breaks; what it says does not matter. */
  void requestAtEndOf(InputStream in) {
    Thread.ofPlatform() // a read of standard input would pin a carrier of virtual threads
        .daemon()
        .name("watches standard input")
        .start(() -> {
          try {
            in.transferTo(OutputStream.nullOutputStream());
          } catch (IOException e) {
            // Broken is as good as ended.
          }
          request();
        });
  }

  /** Waits for at most {@code limit}; returns whether it was asked to end. */
  boolean await(Duration limit) throws InterruptedException {
    return requested.await(limit.toNanos(), TimeUnit.NANOSECONDS);
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
