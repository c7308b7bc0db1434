package dev.krafla.serving.route;

/** No replica may take a request now. */
public final class NoReplica extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** An error that {@code message} tells in full. */
  public NoReplica(String message) {
    super(message);
  }
}
