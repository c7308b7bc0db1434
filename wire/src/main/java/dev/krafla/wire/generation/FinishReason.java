package dev.krafla.wire.generation;

/** Why an answer ended. */
public enum FinishReason {
  /** The model had said all. */
  STOP,
  /** One of the request's stop strings came. */
  STOP_SEQUENCE,
  /** The answer's limit of tokens, or the model's context, was reached. */
  LENGTH,
  /** The model waits for the results of its calls. */
  TOOL_CALLS,
  /** The provider or the model would not go on. */
  CONTENT_FILTER,
  /** The provider paused a long turn; sent back, it goes on. */
  PAUSE
}
