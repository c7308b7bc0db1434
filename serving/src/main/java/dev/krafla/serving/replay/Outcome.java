package dev.krafla.serving.replay;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What became of one request; times are since the start of the run.
 *
 * @param number its place in the load
 * @param worker which worker it went to, from 0
 * @param due when it was to be sent; where nothing is timed, when its turn came
 * @param sent when it was
 * @param firstToken when its answer began; as {@code end} where it failed
 * @param end when its answer ended
 * @param promptTokens as the worker counted them
 * @param cachedTokens of these, found in its cache; absent where it does not tell
 * @param failure why there is no whole answer
 */
public record Outcome(
    int number,
    int worker,
    Duration due,
    Duration sent,
    Duration firstToken,
    Duration end,
    int promptTokens,
    OptionalInt cachedTokens,
    int outputTokens,
    Optional<String> failure) {

  /** From when it was due to the first sign of its answer. */
  public Duration timeToFirstToken() {
    return firstToken.minus(due);
  }

  /** Mean time per token after the first; zero where there is none. */
  public Duration timePerToken() {
    return outputTokens < 2 ? Duration.ZERO : end.minus(firstToken).dividedBy(outputTokens - 1L);
  }

  /** How late the driver sent it. */
  public Duration lateness() {
    return sent.minus(due);
  }
}
