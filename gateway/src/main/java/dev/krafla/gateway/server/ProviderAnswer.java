package dev.krafla.gateway.server;

import dev.krafla.gateway.route.FailureKind;
import dev.krafla.gateway.upstream.AnswerHead;
import dev.krafla.gateway.upstream.UpstreamException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** What a provider's answer that is no success means. */
final class ProviderAnswer {
  private static final int OVERLOADED = 529; // Anthropic's

  private ProviderAnswer() {}

  /** Why another target should be asked; empty where the answer is the provider's word. */
  static Optional<FailureKind> failure(int status, byte[] body) {
    return switch (status) {
      case 401, 402, 403 -> Optional.of(FailureKind.KEY_REFUSED);
      case 404 -> Optional.of(FailureKind.MODEL_NOT_FOUND);
      case 408 -> Optional.of(FailureKind.TIMEOUT);
      case 429 -> Optional.of(FailureKind.RATE_LIMIT);
      case 400, 413 ->
          isContextLength(body) ? Optional.of(FailureKind.CONTEXT_LENGTH) : Optional.empty();
      default ->
          status >= 500 || status < 200 || (status >= 300 && status < 400)
              ? Optional.of(FailureKind.SERVER_ERROR)
              : Optional.empty();
    };
  }

  static FailureKind failure(UpstreamException.Reason reason) {
    return switch (reason) {
      case UNREACHABLE, BROKEN, CANCELLED -> FailureKind.UNREACHABLE;
      case TIMEOUT -> FailureKind.TIMEOUT;
      case MALFORMED -> FailureKind.SERVER_ERROR;
    };
  }

  /** Whether the target is not well, and not merely unwilling or full. */
  static boolean unwell(int status) {
    return status >= 500 && status != 503 && status != OVERLOADED;
  }

  /** The words of OpenAI, vLLM, Anthropic and llama.cpp for a prompt that does not fit. */
  private static boolean isContextLength(byte[] body) {
    String text =
        new String(body, 0, Math.min(body.length, 4096), StandardCharsets.UTF_8)
            .toLowerCase(Locale.ROOT);
    return text.contains("context_length")
        || text.contains("context length")
        || text.contains("context window")
        || text.contains("context size")
        || text.contains("prompt is too long");
  }

  /** How long the provider wants to be left alone. */
  static Optional<Duration> rest(AnswerHead head, Instant now) {
    return head.first("Retry-After").flatMap(value -> rest(value.strip(), now));
  }

  private static Optional<Duration> rest(String value, Instant now) {
    if (value.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Instant until = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration pause = Duration.between(now, until);
      return pause.isPositive() ? Optional.of(pause) : Optional.empty();
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
