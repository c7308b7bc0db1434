package dev.krafla.screen;

/** What the other side said cannot be understood, or it refused what was asked. */
public final class ProtocolException extends ScreenException {
  private static final long serialVersionUID = 1;

  public ProtocolException(String message) {
    super(message);
  }

  @Override
  public boolean retriable() {
    return false;
  }
}
