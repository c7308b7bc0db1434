package dev.krafla.wire;

/** The server cannot be reached, or the connection broke before the answer's end. */
public final class RemoteUnavailable extends WireException {
  private static final long serialVersionUID = 1;

  RemoteUnavailable(String message) {
    super(message);
  }

  RemoteUnavailable(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean retriable() {
    return true;
  }
}
