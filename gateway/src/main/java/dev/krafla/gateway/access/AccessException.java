package dev.krafla.gateway.access;

/** A change that cannot be made; the message says why and what to do. */
public final class AccessException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean missing;

  private AccessException(String message, boolean missing) {
    super(message);
    this.missing = missing;
  }

  static AccessException missing(String what) {
    return new AccessException("there is no " + what, true);
  }

  static AccessException conflict(String why) {
    return new AccessException(why, false);
  }

  /** Whether it names something that is not there, and not something that cannot be. */
  public boolean missing() {
    return missing;
  }
}
