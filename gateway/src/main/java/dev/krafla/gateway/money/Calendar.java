package dev.krafla.gateway.money;

import java.time.Instant;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The current hour, day, week, month and total of a time zone. Time never goes back here: a clock
 * that is set back stands still until it has caught up.
 *
 * <p>Guarded by its book's lock.
 */
final class Calendar {
  private static final Period[] PERIODS = Period.values();

  private final ZoneId zone;
  private final Map<Period, Span> spans = new EnumMap<>(Period.class);
  private long now;

  private static final class Span {
    long start;
    long end;
    long turn;
  }

  Calendar(ZoneId zone, long nowMillis) {
    this.zone = zone;
    this.now = nowMillis;
    for (Period period : PERIODS) {
      spans.put(period, new Span());
      set(period);
    }
  }

  private Span span(Period period) {
    return Objects.requireNonNull(spans.get(period));
  }

  private void set(Period period) {
    Instant at = Instant.ofEpochMilli(now);
    span(period).start = period.start(at, zone).toEpochMilli();
    span(period).end = period.end(at, zone).toEpochMilli();
  }

  /** Moves to {@code nowMillis}, unless that is past, and says what time it is. */
  long advance(long nowMillis) {
    if (nowMillis > now) {
      now = nowMillis;
      for (Period period : PERIODS) {
        if (now >= span(period).end) {
          set(period);
          span(period).turn++;
        }
      }
    }
    return now;
  }

  long start(Period period) {
    return span(period).start;
  }

  long end(Period period) {
    return span(period).end;
  }

  /** Counts the periods that have begun. */
  long turn(Period period) {
    return span(period).turn;
  }

  /** Whether {@code atMillis}, which is not in the future, lies in the current period. */
  boolean isIn(Period period, long atMillis) {
    return atMillis >= span(period).start;
  }
}
