package dev.krafla.serving.http;

import dev.krafla.wire.ErrorBody;
import java.time.Duration;
import java.util.Optional;

/** A request that a server itself turns away, with its HTTP status and OpenAI's error object. */
public class RefusedCall extends RuntimeException {
  private static final long serialVersionUID = 1;
  protected static final String INVALID = "invalid_request_error";
  protected static final String SERVER = "server_error";

  private final int status;
  private final transient ErrorBody body;
  private final transient Optional<Duration> retryAfter;
  private final boolean closesConnection;

  protected RefusedCall(
      int status, ErrorBody body, Optional<Duration> retryAfter, boolean closesConnection) {
    super(body.message());
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
    this.closesConnection = closesConnection;
  }

  protected RefusedCall(int status, ErrorBody body) {
    this(status, body, Optional.empty(), false);
  }

  /** The rest of the body is not read, so the connection cannot be used again. */
  static RefusedCall bodyTooLarge(int limit) {
    String message = "the body is larger than the limit of %,d bytes; send less".formatted(limit);
    return new RefusedCall(
        413, error(message, INVALID, "", "body_too_large"), Optional.empty(), true);
  }

  static RefusedCall unauthorized(String message) {
    return new RefusedCall(401, error(message, "authentication_error", "", "invalid_api_key"));
  }

  /**
   * OpenAI's error object.
   *
   * @param param that is to blame; empty where none is
   */
  protected static ErrorBody error(String message, String type, String param, String code) {
    return new ErrorBody(
        message, type, Optional.of(param).filter(p -> !p.isEmpty()), Optional.of(code));
  }

  public int status() {
    return status;
  }

  public ErrorBody body() {
    return body;
  }

  /** When it is worth trying again. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  public boolean closesConnection() {
    return closesConnection;
  }
}
