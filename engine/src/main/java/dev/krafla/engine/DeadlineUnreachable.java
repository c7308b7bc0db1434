package dev.krafla.engine;

import java.time.Duration;
import java.util.Optional;

/**
 * A request was taken out of the queue, because its first token could no longer come in time.
 * Nothing of it was computed.
 */
public final class DeadlineUnreachable extends EngineException {
  private static final long serialVersionUID = 1;

  /** Why it could not come in time. */
  public enum Reason {
    /** Others are before it: later, the same request may well succeed. */
    QUEUED_BEHIND_OTHERS,
    /** Its own prompt takes longer than that here, even alone. */
    PROMPT_TOO_LONG
  }

  private final Reason reason;
  private final ServiceClass serviceClass;
  private final transient Optional<Duration> retryAfter;

  DeadlineUnreachable(
      Reason reason, ServiceClass serviceClass, Optional<Duration> retryAfter, String message) {
    super(message);
    this.reason = reason;
    this.serviceClass = serviceClass;
    this.retryAfter = retryAfter;
  }

  public Reason reason() {
    return reason;
  }

  public ServiceClass serviceClass() {
    return serviceClass;
  }

  /** When what waits now is likely to be done, judged by the engine's speed. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  @Override
  public boolean retriable() {
    return reason == Reason.QUEUED_BEHIND_OTHERS;
  }
}
