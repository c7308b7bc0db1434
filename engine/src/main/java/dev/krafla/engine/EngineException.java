package dev.krafla.engine;

/**
 * The engine cannot take or finish a request; the message says what, the value, the limit and the
 * remedy.
 */
public abstract sealed class EngineException extends RuntimeException
    permits InvalidRequest,
        RequestTooLarge,
        QueueFull,
        DeadlineUnreachable,
        EngineClosed,
        GenerationFailed {
  private static final long serialVersionUID = 1;

  EngineException(String message) {
    super(message);
  }

  EngineException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Whether the same request may succeed later. */
  public abstract boolean retriable();
}
