package dev.krafla.gateway.log;

import java.time.Duration;

/**
 * The bounds of the request log.
 *
 * @param mostWaiting records that wait for the database at most
 * @param mostWaitingBytes of their bodies at most
 * @param mostBodyBytes of one body that are kept; what is longer is cut, and says so
 * @param retention how long a record is kept
 */
public record LogSettings(
    int mostWaiting, long mostWaitingBytes, int mostBodyBytes, Duration retention) {
  /** 20,000 records or 64 MiB waiting, 64 KiB of a body, 30 days. */
  public static final LogSettings DEFAULTS =
      new LogSettings(20_000, 64L << 20, 64 << 10, Duration.ofDays(30));

  public LogSettings {
    if (mostWaiting < 1 || mostWaitingBytes < 1 || mostBodyBytes < 0 || retention.isNegative()) {
      throw new IllegalArgumentException(
          "the request log's bounds must be positive: %d records, %d bytes, %d bytes a body, %s"
              .formatted(mostWaiting, mostWaitingBytes, mostBodyBytes, retention));
    }
  }
}
