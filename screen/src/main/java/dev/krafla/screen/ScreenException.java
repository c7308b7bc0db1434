package dev.krafla.screen;

/** A surface cannot be opened, seen or used; the message says what and what to do. */
public abstract sealed class ScreenException extends RuntimeException
    permits BrowserNotFoundException, SurfaceLostException, ProtocolException {
  private static final long serialVersionUID = 1;

  ScreenException(String message) {
    super(message);
  }

  ScreenException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Whether the same may succeed later. */
  public abstract boolean retriable();
}
