package dev.krafla.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the requests that wait and those that have not ended, for submitters on any thread:
 * refuses one too many, and tells when to come again.
 */
final class Admission {
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** Weight of the newest interval in the running mean. */
  private static final double NEWEST = 0.2;

  private final int maxQueued;
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private volatile boolean accepting = true;
  private volatile double meanIntervalNanos = SHORTEST.toNanos();
  private long lastAdmission; // the engine's thread's
  private boolean queueWasEmpty = true; // the engine's thread's

  Admission(int maxQueued) {
    this.maxQueued = maxQueued;
  }

  /**
   * Counts a request as open.
   *
   * @throws EngineClosed when no more requests are taken
   */
  void open() {
    open.incrementAndGet(); // before the check, so that a drain sees it
    if (!accepting) {
      ended();
      throw new EngineClosed("the engine is shutting down; send the request to another");
    }
  }

  /**
   * Opens a request that takes a place in the queue.
   *
   * @throws QueueFull when there is none
   * @throws EngineClosed when no more requests are taken
   */
  void enter() {
    open();
    if (queued.incrementAndGet() > maxQueued) {
      queued.decrementAndGet();
      ended();
      Duration wait = retryAfter();
      throw new QueueFull(
          "%d requests wait already, the most that may; try again in %.1f s"
              .formatted(maxQueued, wait.toMillis() / 1e3),
          wait);
    }
  }

  /** A request went from the queue into a step. Engine's thread. */
  void admitted(long now) {
    if (!queueWasEmpty) {
      double before = meanIntervalNanos;
      meanIntervalNanos = before + NEWEST * (now - lastAdmission - before);
    }
    lastAdmission = now;
    queueWasEmpty = queued.decrementAndGet() == 0;
  }

  /** A request left the queue without having run. */
  void left() {
    queued.decrementAndGet();
  }

  /** A request has ended. */
  void ended() {
    if (open.decrementAndGet() == 0) {
      synchronized (open) {
        open.notifyAll();
      }
    }
  }

  /** Takes no new requests from now on. */
  void stopAccepting() {
    accepting = false;
  }

  /** Waits until no request is open; gives whether that came about in time. */
  boolean awaitEmpty(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (open) {
      while (open.get() > 0) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          return false;
        }
        open.wait(millis);
      }
    }
    return true;
  }

  private Duration retryAfter() {
    Duration mean = Duration.ofNanos((long) meanIntervalNanos);
    return mean.compareTo(SHORTEST) < 0 ? SHORTEST : mean.compareTo(LONGEST) > 0 ? LONGEST : mean;
  }
}
