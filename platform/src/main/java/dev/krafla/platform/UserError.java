package dev.krafla.platform;

/**
 * Something the person at the command line can put right. The message says what, with which value,
 * and how to mend it; it is shown without a stack trace and the exit code is 1.
 */
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error that {@code message} tells in full. */
  public UserError(String message) {
    super(message);
  }

  /** An error with the failure behind it, shown with {@code --verbose}. */
  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
