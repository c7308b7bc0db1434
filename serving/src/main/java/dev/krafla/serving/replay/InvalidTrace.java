package dev.krafla.serving.replay;

/**
 * A trace cannot be read or replayed as asked; the message names the line, the value and the limit.
 */
public final class InvalidTrace extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** An error that {@code message} tells in full. */
  public InvalidTrace(String message) {
    super(message);
  }
}
