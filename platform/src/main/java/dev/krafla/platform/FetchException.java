package dev.krafla.platform;

import java.io.IOException;

/** A source did not yield its file; another source may. The message is for people. */
public final class FetchException extends IOException {
  private static final long serialVersionUID = 1L;

  /** A failure that {@code message} tells in full. */
  public FetchException(String message) {
    super(message);
  }

  /** A failure with its cause. */
  public FetchException(String message, Throwable cause) {
    super(message, cause);
  }
}
