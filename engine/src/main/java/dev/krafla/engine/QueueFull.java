package dev.krafla.engine;

import java.time.Duration;

/** Too many requests wait already. */
public final class QueueFull extends EngineException {
  private static final long serialVersionUID = 1;
  private final Duration retryAfter;

  QueueFull(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** When a place is likely to be free, judged by the queue's recent speed. */
  public Duration retryAfter() {
    return retryAfter;
  }

  @Override
  public boolean retriable() {
    return true;
  }
}
