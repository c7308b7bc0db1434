package dev.krafla.engine;

/** Why an answer ended. */
public enum FinishReason {
  /** An end token or a stop string. */
  STOP,
  /** {@code maxTokens}, or the context is full. */
  LENGTH,
  /** The client closed the stream. */
  ABORTED
}
