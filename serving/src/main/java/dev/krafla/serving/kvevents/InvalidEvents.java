package dev.krafla.serving.kvevents;

/** Bytes that are no events. */
public final class InvalidEvents extends RuntimeException {
  private static final long serialVersionUID = 1;

  InvalidEvents(String message) {
    super(message);
  }

  InvalidEvents(String message, Throwable cause) {
    super(message, cause);
  }
}
