package dev.krafla.serving;

import dev.krafla.serving.http.RefusedCall;
import dev.krafla.wire.ErrorBody;
import java.time.Duration;
import java.util.Optional;

/** A request that the worker itself turns away, with its HTTP status and OpenAI's error object. */
final class Refused extends RefusedCall {
  private static final long serialVersionUID = 1;

  private Refused(
      int status, ErrorBody body, Optional<Duration> retryAfter, boolean closesConnection) {
    super(status, body, retryAfter, closesConnection);
  }

  static Refused invalid(String param, String message) {
    return of(400, message, INVALID, param, "invalid_value");
  }

  static Refused modelNotFound(String asked, String served) {
    return of(
        404,
        "the model '%s' is not served here; this server has '%s'".formatted(asked, served),
        INVALID,
        "model",
        "model_not_found");
  }

  /** It is not in memory, and was not within {@code waited}. */
  static Refused modelNotReady(String id, String why, Duration waited) {
    return new Refused(
        503,
        error(
            "the model '%s' %s; it was waited for %d s: try again later"
                .formatted(id, why, waited.toSeconds()),
            SERVER,
            "model",
            "model_not_ready"),
        Optional.of(Duration.ofSeconds(5)),
        false);
  }

  static Refused modelFailed(String id, String why, Duration again) {
    return new Refused(
        503,
        error(
            "the model '%s' could not be loaded: %s".formatted(id, why),
            SERVER,
            "model",
            "model_load_failed"),
        Optional.of(again),
        false);
  }

  static Refused noSuchRoute(String method, String path) {
    return of(
        404,
        "there is no %s %s; see the routes in the README".formatted(method, path),
        INVALID,
        "",
        "not_found");
  }

  static Refused wrongMethod(String method, String path, String right) {
    return of(
        405,
        "%s does not take %s; use %s".formatted(path, method, right),
        INVALID,
        "",
        "method_not_allowed");
  }

  static Refused draining() {
    return new Refused(
        503,
        error("this server is shutting down; try another, or again later", SERVER, "", "draining"),
        Optional.of(Duration.ofSeconds(1)),
        true);
  }

  private static Refused of(int status, String message, String type, String param, String code) {
    return new Refused(status, error(message, type, param, code), Optional.empty(), false);
  }
}
