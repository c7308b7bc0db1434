package dev.krafla.serving.proxy;

import dev.krafla.wire.ErrorBody;
import java.time.Duration;
import java.util.Optional;

/** A request that the router itself answers with an error. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final String INVALID = "invalid_request_error";
  private static final String SERVER = "server_error";

  private final int status;
  private final transient ErrorBody body;
  private final transient Optional<Duration> retryAfter;
  private final boolean closesConnection;

  private Refusal(
      int status, ErrorBody body, Optional<Duration> retryAfter, boolean closesConnection) {
    super(body.message());
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
    this.closesConnection = closesConnection;
  }

  static Refusal invalid(String param, String message) {
    return plain(400, message, INVALID, param, "invalid_value");
  }

  static Refusal unauthorized(String message) {
    return plain(401, message, "authentication_error", "", "invalid_api_key");
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

  /** The rest of the body is not read, so the connection cannot be used again. */
  static Refusal bodyTooLarge(int limit) {
    return new Refusal(
        413,
        error(
            "the body is larger than the limit of %,d bytes; send less".formatted(limit),
            INVALID,
            "",
            "body_too_large"),
        Optional.empty(),
        true);
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

  private static ErrorBody error(String message, String type, String param, String code) {
    return new ErrorBody(
        message, type, Optional.of(param).filter(p -> !p.isEmpty()), Optional.of(code));
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
