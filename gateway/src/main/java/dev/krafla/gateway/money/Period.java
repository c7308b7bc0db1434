package dev.krafla.gateway.money;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;

/** How long a budget lasts before it is whole again, by the calendar of a time zone. */
public enum Period {
  HOUR,
  DAY,
  /** From Monday (ISO 8601). */
  WEEK,
  MONTH,
  /** Never renewed. */
  TOTAL;

  /** The end of a {@link #TOTAL}, and its beginning is {@link Instant#EPOCH}. */
  static final Instant NEVER = Instant.ofEpochMilli(Long.MAX_VALUE);

  /** The first moment of the period that {@code when} lies in. */
  public Instant start(Instant when, ZoneId zone) {
    ZonedDateTime at = when.atZone(zone);
    return switch (this) {
      case HOUR -> at.truncatedTo(ChronoUnit.HOURS).toInstant();
      case DAY -> at.toLocalDate().atStartOfDay(zone).toInstant();
      case WEEK ->
          at.toLocalDate()
              .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
              .atStartOfDay(zone)
              .toInstant();
      case MONTH -> at.toLocalDate().withDayOfMonth(1).atStartOfDay(zone).toInstant();
      case TOTAL -> Instant.EPOCH;
    };
  }

  /** The first moment after the period that {@code when} lies in. */
  public Instant end(Instant when, ZoneId zone) {
    ZonedDateTime at = when.atZone(zone);
    return switch (this) {
      case HOUR -> start(when, zone).plus(1, ChronoUnit.HOURS);
      case DAY -> at.toLocalDate().plusDays(1).atStartOfDay(zone).toInstant();
      case WEEK ->
          at.toLocalDate()
              .with(TemporalAdjusters.next(DayOfWeek.MONDAY))
              .atStartOfDay(zone)
              .toInstant();
      case MONTH -> at.toLocalDate().withDayOfMonth(1).plusMonths(1).atStartOfDay(zone).toInstant();
      case TOTAL -> NEVER;
    };
  }
}
