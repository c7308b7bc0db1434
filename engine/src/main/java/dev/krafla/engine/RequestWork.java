package dev.krafla.engine;

import java.time.Duration;

/**
 * What an engine did for one request.
 *
 * @param computedTokens rows that went through the model for it, recomputed and guessed ones
 *     included
 * @param draftTokens of these, guesses
 * @param acceptedTokens guesses that came true: each saved a step
 * @param compute its part of the time of the steps that it was in, shared out by rows
 * @param bytesMoved bytes of KV that were read from a store for it
 */
public record RequestWork(
    int computedTokens, int draftTokens, int acceptedTokens, Duration compute, long bytesMoved) {
  /** Nothing yet. */
  public static final RequestWork NONE = new RequestWork(0, 0, 0, Duration.ZERO, 0);

  /** Both together. */
  public RequestWork plus(RequestWork other) {
    return new RequestWork(
        computedTokens + other.computedTokens,
        draftTokens + other.draftTokens,
        acceptedTokens + other.acceptedTokens,
        compute.plus(other.compute),
        bytesMoved + other.bytesMoved);
  }
}
