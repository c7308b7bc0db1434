package dev.krafla.serving;

import dev.krafla.engine.DeadlineUnreachable;
import dev.krafla.engine.EngineClosed;
import dev.krafla.engine.EngineException;
import dev.krafla.engine.GenerationFailed;
import dev.krafla.engine.InvalidRequest;
import dev.krafla.engine.QueueFull;
import dev.krafla.engine.RequestTooLarge;
import dev.krafla.models.ModelException;
import dev.krafla.serving.http.RefusedCall;
import dev.krafla.wire.ErrorBody;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.RemoteError;
import dev.krafla.wire.RemoteUnavailable;
import dev.krafla.wire.Unsupported;
import dev.krafla.wire.WireException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a failed request answers: the one place where exceptions become HTTP.
 *
 * @param retryAfter when it is worth trying again
 * @param closesConnection whether the connection cannot be used further
 */
record ErrorResponse(
    int status, ErrorBody body, Optional<Duration> retryAfter, boolean closesConnection) {
  private static final System.Logger LOG = System.getLogger(ErrorResponse.class.getName());
  private static final String INVALID = "invalid_request_error";
  private static final String SERVER = "server_error";
  private static final int MAX_MESSAGE = 1500;
  private static final int MAX_PARAM = 300;

  ErrorResponse {
    body =
        new ErrorBody(
            clipped(body.message(), MAX_MESSAGE),
            body.type(),
            body.param().map(param -> clipped(param, MAX_PARAM)),
            body.code());
  }

  static ErrorResponse of(Throwable failure) {
    return switch (failure) {
      case RefusedCall r ->
          new ErrorResponse(r.status(), r.body(), r.retryAfter(), r.closesConnection());
      case EngineException e -> ofEngine(e);
      case WireException e -> ofWire(e);
      case ModelException e -> plain(400, message(e), INVALID, "messages", "invalid_value");
      default -> {
        LOG.log(System.Logger.Level.ERROR, "a request failed by a fault of this server", failure);
        yield plain(500, "this server failed; its log says more", SERVER, "", "internal_error");
      }
    };
  }

  private static ErrorResponse ofEngine(EngineException failure) {
    return switch (failure) {
      case InvalidRequest e -> plain(400, message(e), INVALID, e.parameter(), "invalid_value");
      case RequestTooLarge e ->
          plain(400, message(e), INVALID, "messages", "context_length_exceeded");
      case QueueFull e ->
          new ErrorResponse(
              429,
              body(message(e), "rate_limit_error", "", "rate_limit_exceeded"),
              Optional.of(e.retryAfter()),
              false);
      case DeadlineUnreachable e -> ofMissedDeadline(e);
      case EngineClosed e ->
          new ErrorResponse(503, body(message(e), SERVER, "", "draining"), seconds(1), true);
      case GenerationFailed e -> {
        LOG.log(System.Logger.Level.ERROR, "the engine failed a request", e);
        yield plain(500, message(e), SERVER, "", "generation_failed");
      }
    };
  }

  /** 429: later, here. 503: now, elsewhere; waiting does not help. */
  private static ErrorResponse ofMissedDeadline(DeadlineUnreachable e) {
    return switch (e.reason()) {
      case QUEUED_BEHIND_OTHERS ->
          new ErrorResponse(
              429,
              body(message(e), "rate_limit_error", "", "deadline_unreachable"),
              e.retryAfter(),
              false);
      case PROMPT_TOO_LONG -> plain(503, message(e), SERVER, "", "prompt_exceeds_deadline");
    };
  }

  private static ErrorResponse ofWire(WireException failure) {
    return switch (failure) {
      case InvalidBody e -> plain(400, message(e), INVALID, e.param(), "invalid_value");
      case RemoteError e -> new ErrorResponse(e.status(), e.body(), e.retryAfter(), false);
      case RemoteUnavailable e -> plain(502, message(e), SERVER, "", "bad_gateway");
      case Unsupported e -> plain(400, message(e), INVALID, e.param(), "unsupported_parameter");
    };
  }

  private static ErrorResponse plain(
      int status, String message, String type, String param, String code) {
    return new ErrorResponse(status, body(message, type, param, code), Optional.empty(), false);
  }

  private static ErrorBody body(String message, String type, String param, String code) {
    return new ErrorBody(
        message, type, param.isEmpty() ? Optional.empty() : Optional.of(param), Optional.of(code));
  }

  /** Messages quote what was sent; of megabytes the beginning and the remedy at the end will do. */
  private static String clipped(String text, int limit) {
    int tail = limit / 3;
    return text.length() <= limit
        ? text
        : text.substring(0, limit - tail) + " … " + text.substring(text.length() - tail);
  }

  private static Optional<Duration> seconds(int seconds) {
    return Optional.of(Duration.ofSeconds(seconds));
  }

  private static String message(Throwable failure) {
    return Objects.requireNonNullElseGet(failure.getMessage(), failure::toString);
  }
}
