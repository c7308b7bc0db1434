package dev.krafla.screen;

/** This machine has no browser that can be used, or the one it has does not start. */
public final class BrowserNotFoundException extends ScreenException {
  private static final long serialVersionUID = 1;

  public BrowserNotFoundException(String message) {
    super(message);
  }

  @Override
  public boolean retriable() {
    return false;
  }
}
