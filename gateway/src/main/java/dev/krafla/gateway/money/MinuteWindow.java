package dev.krafla.gateway.money;

import java.util.Arrays;

/**
 * Counts per second of the last minute. Never lets more than the limit into any 60 seconds: a
 * second counts until it lies wholly more than a minute back, so 61 are kept.
 *
 * <p>Guarded by the book's lock.
 */
final class MinuteWindow {
  private static final int SECONDS = 61;

  private final long[] counts = new long[SECONDS];
  private final long afterId;
  private long head; // the newest second
  private long sum;

  /**
   * @param afterId holds up to this one were made before the window was, and count in it never
   */
  MinuteWindow(long afterId) {
    this.afterId = afterId;
  }

  /** Moves to {@code second}, which is never before the one of the last call. */
  private void advance(long second) {
    if (second - head >= SECONDS) {
      Arrays.fill(counts, 0);
      sum = 0;
      head = second;
    }
    while (head < second) {
      head++;
      int slot = (int) (head % SECONDS);
      sum -= counts[slot];
      counts[slot] = 0;
    }
  }

  /** What counts at {@code second}. */
  long sum(long second) {
    advance(second);
    return sum;
  }

  void add(long second, long n) {
    advance(second);
    counts[(int) (second % SECONDS)] += n;
    sum += n;
  }

  /** Corrects what hold {@code id} added at {@code second}, unless that has left the window. */
  void correct(long id, long second, long difference) {
    if (id > afterId && head - second < SECONDS) {
      counts[(int) (second % SECONDS)] += difference;
      sum += difference;
    }
  }

  /** Seconds from {@code second} until {@code n} more fit under {@code limit}. */
  long secondsUntil(long second, long n, long limit) {
    advance(second);
    long left = sum;
    for (int age = SECONDS - 1; age >= 0; age--) {
      left -= counts[(int) Math.floorMod(second - age, (long) SECONDS)];
      if (left + n <= limit) {
        return (long) SECONDS - age;
      }
    }
    return SECONDS;
  }
}
