package dev.krafla.wire;

import java.time.Duration;
import java.util.Optional;

/** The server answered with an error. */
public final class RemoteError extends WireException {
  private static final long serialVersionUID = 1;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int FIRST_SERVER_ERROR = 500;

  private final int status;
  private final transient ErrorBody body;
  private final transient Optional<Duration> retryAfter;

  RemoteError(int status, ErrorBody body, Optional<Duration> retryAfter) {
    super(body.message());
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** HTTP status; 200 when the error came inside a stream that had already begun. */
  public int status() {
    return status;
  }

  public ErrorBody body() {
    return body;
  }

  /** When the server asks to be tried again. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  @Override
  public boolean retriable() {
    return status == TOO_MANY_REQUESTS || status >= FIRST_SERVER_ERROR;
  }
}
