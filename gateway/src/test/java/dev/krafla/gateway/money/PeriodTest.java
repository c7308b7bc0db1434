package dev.krafla.gateway.money;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeriodTest {
  @ParameterizedTest
  @CsvSource({
    "HOUR,  Asia/Kolkata,  2026-11-24T10:10:00Z, 2026-11-24T09:30:00Z, 2026-11-24T10:30:00Z",
    "DAY,   Asia/Kolkata,  2026-11-24T10:10:00Z, 2026-11-23T18:30:00Z, 2026-11-24T18:30:00Z",
    "WEEK,  UTC,           2026-11-24T10:10:00Z, 2026-11-23T00:00:00Z, 2026-11-30T00:00:00Z",
    "WEEK,  UTC,           2026-11-23T00:00:00Z, 2026-11-23T00:00:00Z, 2026-11-30T00:00:00Z",
    "MONTH, UTC,           2026-12-31T23:59:59Z, 2026-12-01T00:00:00Z, 2027-01-01T00:00:00Z",
    // Summer time ends in Berlin: this day has 25 hours, and its third hour comes twice.
    "DAY,   Europe/Berlin, 2026-10-25T12:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
    "HOUR,  Europe/Berlin, 2026-10-25T00:30:00Z, 2026-10-25T00:00:00Z, 2026-10-25T01:00:00Z",
    "HOUR,  Europe/Berlin, 2026-10-25T01:30:00Z, 2026-10-25T01:00:00Z, 2026-10-25T02:00:00Z",
  })
  void aPeriodFollowsTheCalendarOfItsZone(
      Period period, String zone, Instant when, Instant start, Instant end) {
    assertThat(period.start(when, ZoneId.of(zone))).isEqualTo(start);
    assertThat(period.end(when, ZoneId.of(zone))).isEqualTo(end);
  }
}
