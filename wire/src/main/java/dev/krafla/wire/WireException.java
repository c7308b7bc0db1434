package dev.krafla.wire;

/** A body is not what the wire asks for, or the server at its other end refused or left. */
public abstract sealed class WireException extends RuntimeException
    permits InvalidBody, RemoteError, RemoteUnavailable, Unsupported {
  private static final long serialVersionUID = 1;

  WireException(String message) {
    super(message);
  }

  WireException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Whether the same request may succeed later. */
  public abstract boolean retriable();
}
