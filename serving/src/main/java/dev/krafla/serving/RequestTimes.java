package dev.krafla.serving;

import dev.krafla.engine.FinishReason;
import dev.krafla.engine.TokenEvent;
import dev.krafla.engine.Usage;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The clock of one request, from its arrival to its end. One thread. */
final class RequestTimes {
  private final WorkerMetrics metrics;
  private final long arrived = System.nanoTime();
  private final Map<Integer, Long> lastToken = new HashMap<>();
  private long firstToken;

  RequestTimes(WorkerMetrics metrics) {
    this.metrics = metrics;
  }

  /** A token has come, for answer {@code answer} of the request. */
  void token(int answer, TokenEvent event) {
    long now = System.nanoTime();
    Long previous = lastToken.put(answer, now);
    if (previous != null) {
      metrics.betweenTokens(Duration.ofNanos(now - previous));
    }
    if (firstToken == 0) {
      firstToken = now;
      metrics.firstToken(Duration.ofNanos(now - arrived));
    }
    event.finish().ifPresent(this::ended);
  }

  private void ended(FinishReason reason) {
    String name = reason == FinishReason.ABORTED ? "abort" : reason.name().toLowerCase(Locale.ROOT);
    metrics.answerEnded(name);
  }

  /** All answers are there. */
  void end(Usage usage) {
    long now = System.nanoTime();
    metrics.requestEnded(
        Duration.ofNanos(now - arrived),
        Duration.ofNanos(firstToken == 0 ? 0 : now - firstToken),
        usage.queued(),
        usage.promptTokens(),
        usage.outputTokens());
  }
}
