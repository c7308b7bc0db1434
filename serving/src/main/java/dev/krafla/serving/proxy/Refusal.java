package dev.krafla.serving.proxy;

import dev.krafla.serving.http.RefusedCall;
import dev.krafla.wire.ErrorBody;
import java.time.Duration;
import java.util.Optional;

/** A request that the router itself answers with an error. */
final class Refusal extends RefusedCall {
  private static final long serialVersionUID = 1;

  private Refusal(
      int status, ErrorBody body, Optional<Duration> retryAfter, boolean closesConnection) {
    super(status, body, retryAfter, closesConnection);
  }

  static Refusal invalid(String param, String message) {
    return plain(400, message, INVALID, param, "invalid_value");
  }

  static Refusal modelNotFound(String message) {
    return plain(404, message, INVALID, "model", "model_not_found");
  }

  static Refusal noSuchRoute(String method, String path) {
    return plain(
        404,
        "there is no %s %s here; POST to /v1/chat/completions, /v1/completions or /v1/embeddings"
            .formatted(method, path),
        INVALID,
        "",
        "not_found");
  }

  static Refusal draining() {
    return later("this router is shutting down; try another, or again later", "draining");
  }

  /** Nobody takes requests now. */
  static Refusal noReplicaReady(String message) {
    return later(message, "no_replica_ready");
  }

  private static Refusal later(String message, String code) {
    return new Refusal(
        503, error(message, SERVER, "", code), Optional.of(Duration.ofSeconds(1)), false);
  }

  /** Replicas were tried, and failed. */
  static Refusal badGateway(String message) {
    return plain(502, message, SERVER, "", "bad_gateway");
  }

  static Refusal internal() {
    return plain(500, "this router failed; its log says more", SERVER, "", "internal_error");
  }

  private static Refusal plain(int status, String message, String type, String param, String code) {
    return new Refusal(status, error(message, type, param, code), Optional.empty(), false);
  }
}
