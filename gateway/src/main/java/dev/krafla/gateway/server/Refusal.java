package dev.krafla.gateway.server;

import dev.krafla.serving.http.RefusedCall;
import dev.krafla.wire.ErrorBody;
import java.time.Duration;
import java.util.Optional;

/** A request that the gateway itself answers with an error. */
final class Refusal extends RefusedCall {
  private static final long serialVersionUID = 1;
  private static final Duration SECOND = Duration.ofSeconds(1);

  private Refusal(
      int status, ErrorBody body, Optional<Duration> retryAfter, boolean closesConnection) {
    super(status, body, retryAfter, closesConnection);
  }

  static Refusal invalid(String param, String message) {
    return plain(400, message, INVALID, param, "invalid_value");
  }

  /** What the backend has no words for. */
  static Refusal unsupported(String param, String message) {
    return plain(400, message, INVALID, param, "unsupported_parameter");
  }

  static Refusal modelNotFound(String message) {
    return plain(404, message, INVALID, "model", "model_not_found");
  }

  static Refusal noSuchPath(String method, String path) {
    return plain(
        404,
        "there is no %s %s here; docs/GATEWAY.md lists what there is".formatted(method, path),
        INVALID,
        "",
        "not_found");
  }

  static Refusal draining() {
    return later("this gateway is shutting down; try again later", "draining", SECOND);
  }

  /** Bodies that are being handled take all the memory that they may. */
  static Refusal noRoomForBody(long limit) {
    return new Refusal(
        503,
        error(
            "the bodies of requests under way hold %,d bytes, which is the limit; try again later"
                .formatted(limit),
            SERVER,
            "",
            "overloaded"),
        Optional.of(SECOND),
        true);
  }

  /** Nobody takes requests now. */
  static Refusal nobodyReady(String message, Duration pause) {
    return later(message, "no_provider_ready", pause);
  }

  private static Refusal later(String message, String code, Duration pause) {
    return new Refusal(503, error(message, SERVER, "", code), Optional.of(pause), false);
  }

  /** Providers were asked, and failed. */
  static Refusal badGateway(String message) {
    return plain(502, message, SERVER, "", "bad_gateway");
  }

  /** Providers were asked, and did not answer in time. */
  static Refusal gatewayTimeout(String message) {
    return plain(504, message, SERVER, "", "gateway_timeout");
  }

  static Refusal internal() {
    return plain(500, "this gateway failed; its log says more", SERVER, "", "internal_error");
  }

  private static Refusal plain(int status, String message, String type, String param, String code) {
    return new Refusal(status, error(message, type, param, code), Optional.empty(), false);
  }
}
