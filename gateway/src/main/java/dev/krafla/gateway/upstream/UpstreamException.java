package dev.krafla.gateway.upstream;

import java.io.IOException;

/** A request that got no whole answer. */
public final class UpstreamException extends IOException {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason {
    /** No connection came about. */
    UNREACHABLE,
    /** Nothing came for too long. */
    TIMEOUT,
    /** The connection ended too early. */
    BROKEN,
    /** What came is not HTTP, or beyond its limits. */
    MALFORMED,
    /** This side broke it off. */
    CANCELLED
  }

  private final Reason reason;

  UpstreamException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  UpstreamException(Reason reason, String message, IOException cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
