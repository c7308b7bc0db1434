package dev.krafla.serving;

import dev.krafla.wire.ErrorBody;
import java.time.Duration;
import java.util.Optional;

/** A request that the worker itself turns away, with its HTTP status and OpenAI's error object. */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final transient ErrorBody body;
  private final transient Optional<Duration> retryAfter;
  private final boolean closesConnection;

  private Refused(
      int status, ErrorBody body, Optional<Duration> retryAfter, boolean closesConnection) {
    super(body.message());
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
    this.closesConnection = closesConnection;
  }

  static Refused invalid(String param, String message) {
    return of(400, message, "invalid_request_error", param, "invalid_value");
  }

  static Refused unauthorized(String message) {
    return of(401, message, "authentication_error", "", "invalid_api_key");
  }

  static Refused modelNotFound(String asked, String served) {
    return of(
        404,
        "the model '%s' is not served here; this server has '%s'".formatted(asked, served),
        "invalid_request_error",
        "model",
        "model_not_found");
  }

  /** It is not in memory, and was not within {@code waited}. */
  static Refused modelNotReady(String id, String why, Duration waited) {
    return new Refused(
        503,
        new ErrorBody(
            "the model '%s' %s; it was waited for %d s: try again later"
                .formatted(id, why, waited.toSeconds()),
            "server_error",
            Optional.of("model"),
            Optional.of("model_not_ready")),
        Optional.of(Duration.ofSeconds(5)),
        false);
  }

  static Refused modelFailed(String id, String why, Duration again) {
    return new Refused(
        503,
        new ErrorBody(
            "the model '%s' could not be loaded: %s".formatted(id, why),
            "server_error",
            Optional.of("model"),
            Optional.of("model_load_failed")),
        Optional.of(again),
        false);
  }

  static Refused noSuchRoute(String method, String path) {
    return of(
        404,
        "there is no %s %s; see the routes in the README".formatted(method, path),
        "invalid_request_error",
        "",
        "not_found");
  }

  static Refused wrongMethod(String method, String path, String right) {
    return of(
        405,
        "%s does not take %s; use %s".formatted(path, method, right),
        "invalid_request_error",
        "",
        "method_not_allowed");
  }

  /** The rest of the body is not read, so the connection cannot be used again. */
  static Refused bodyTooLarge(long limit) {
    return new Refused(
        413,
        new ErrorBody(
            "the body is larger than the limit of %,d bytes; send less".formatted(limit),
            "invalid_request_error",
            Optional.empty(),
            Optional.of("body_too_large")),
        Optional.empty(),
        true);
  }

  static Refused draining() {
    return new Refused(
        503,
        new ErrorBody(
            "this server is shutting down; try another, or again later",
            "server_error",
            Optional.empty(),
            Optional.of("draining")),
        Optional.of(Duration.ofSeconds(1)),
        true);
  }

  private static Refused of(int status, String message, String type, String param, String code) {
    return new Refused(
        status,
        new ErrorBody(
            message,
            type,
            param.isEmpty() ? Optional.empty() : Optional.of(param),
            Optional.of(code)),
        Optional.empty(),
        false);
  }

  int status() {
    return status;
  }

  ErrorBody body() {
    return body;
  }

  Optional<Duration> retryAfter() {
    return retryAfter;
  }

  boolean closesConnection() {
    return closesConnection;
  }
}
