package dev.krafla.engine.queue;

import java.time.Duration;

/**
 * When the turn is, among those of its tenant and class, of a request that has no deadline:
 * shortest first, aged, so that a short prompt does not wait behind long ones and a long one does
 * not wait for ever. A request of own time w is overtaken only by those that come within {@code
 * stretch · w} of it, and within half a minute; later ones have later turns, whatever they are
 * like. Requests with a deadline are in turn when that is, the earliest first, and so mostly before
 * these.
 */
public final class AgedTurn {
  /** No turn is nearer to a request's coming than that: deadlines that are go first. */
  private static final long AFTER_DEADLINES_NANOS = Duration.ofSeconds(30).toNanos();

  private static final double MOST_OVERTAKING_NANOS = Duration.ofSeconds(30).toNanos();

  private AgedTurn() {}

  /**
   * The turn, on the clock of {@code submitted}: the earlier, the sooner.
   *
   * @param ownNanos what computing up to the first token takes
   * @param stretch how many times its own time a request may be overtaken; 0: in order of arrival
   */
  public static long of(long submittedNanos, double ownNanos, double stretch) {
    return submittedNanos
        + AFTER_DEADLINES_NANOS
        + (long) Math.min(stretch * ownNanos, MOST_OVERTAKING_NANOS);
  }
}
