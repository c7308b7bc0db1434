package dev.krafla.gateway.log;

import java.time.Instant;
import java.util.Optional;

/**
 * What to look for in the request log: all of what is present.
 *
 * @param from the earliest beginning, itself included
 * @param until the first beginning that is too late; the last row's of a page gives the next page
 * @param errorsOnly only statuses of 400 and more
 * @param text words that stand in the request or its answer, as in a search engine
 * @param limit rows of a page
 */
public record LogQuery(
    Instant from,
    Instant until,
    Optional<Long> organisationId,
    Optional<Long> keyId,
    Optional<String> model,
    boolean errorsOnly,
    Optional<String> text,
    int limit) {
  private static final int MOST = 1_000;

  public LogQuery {
    if (limit < 1 || limit > MOST) {
      throw new IllegalArgumentException(
          "a page of the request log has 1 to %d rows, not %d".formatted(MOST, limit));
    }
  }

  /** The newest {@code limit} requests. */
  public static LogQuery newest(int limit) {
    return new LogQuery(
        Instant.EPOCH,
        Instant.parse("9999-01-01T00:00:00Z"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        limit);
  }

  /** The same for requests with {@code words} in them. */
  public LogQuery text(String words) {
    return new LogQuery(
        from, until, organisationId, keyId, model, errorsOnly, Optional.of(words), limit);
  }
}
