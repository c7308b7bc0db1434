package dev.krafla.screen;

/** The browser, its tab or the connection to it is gone; a new surface is needed. */
public final class SurfaceLostException extends ScreenException {
  private static final long serialVersionUID = 1;

  public SurfaceLostException(String message) {
    super(message);
  }

  public SurfaceLostException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean retriable() {
    return true;
  }
}
