package dev.krafla.engine.kvstore.remote;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Leaves what has failed alone: open from a failure on, until a trial on a thread of its own has
 * succeeded. Trials come after a pause that doubles, also where it fails again soon after one that
 * has succeeded, so no request ever pays for one, and the log stays short. Thread-safe.
 */
final class Breaker implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Breaker.class.getName());
  private static final long MAX_PAUSE_NANOS = Duration.ofSeconds(30).toNanos();

  /** Throws when it fails. */
  @FunctionalInterface
  interface Trial {
    void run() throws IOException;
  }

  private final String name;
  private final Duration firstPause;
  private final Trial trial;
  private final AtomicBoolean open = new AtomicBoolean();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile long pause; // nanoseconds; of the thread that tries, of which there is one
  private volatile long closedAt = System.nanoTime();

  /**
   * @param name what the log calls it, as the beginning of a sentence
   */
  Breaker(String name, Duration firstPause, Trial trial) {
    this.name = name;
    this.firstPause = firstPause;
    this.trial = trial;
    this.pause = firstPause.toNanos();
  }

  boolean isClosed() {
    return !open.get();
  }

  /** Opens, with one line in the log, if it is not open. */
  void failed(IOException cause) {
    if (end.getCount() == 0 || !open.compareAndSet(false, true)) {
      return;
    }
    LOG.log(
        Level.WARNING,
        "{0} failed ({1}); it is left alone until a trial succeeds, and answers are computed"
            + " meanwhile",
        name,
        reason(cause));
    boolean soon = System.nanoTime() - closedAt < MAX_PAUSE_NANOS;
    pause = soon ? pause : firstPause.toNanos();
    Thread.ofPlatform().name("krafla-kv-remote-trial").daemon().start(this::tryAgain);
  }

  private static String reason(IOException cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  private void tryAgain() {
    try {
      while (!end.await(pause, TimeUnit.NANOSECONDS)) {
        pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
        try {
          trial.run();
          LOG.log(Level.INFO, "{0} works again", name);
          closedAt = System.nanoTime();
          open.set(false);
          return;
        } catch (IOException e) {
          LOG.log(Level.DEBUG, "{0} still fails: {1}", name, reason(e));
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  /** Ends the trials. */
  @Override
  public void close() {
    end.countDown();
  }
}
