package dev.krafla.serving.replay;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** A worker that load is sent to. Thread-safe; calls block, so give each its own virtual thread. */
public interface Endpoint extends AutoCloseable {
  /**
   * What one request got.
   *
   * @param promptTokens as the worker counted them
   * @param cachedTokens of these, found in its cache; absent where it does not tell
   * @param firstNanos {@link System#nanoTime} at the first sign of an answer
   * @param lastNanos and at its end
   */
  record Answer(
      int promptTokens,
      OptionalInt cachedTokens,
      int outputTokens,
      long firstNanos,
      long lastNanos) {}

  /**
   * Sends a request for exactly {@code outputTokens} greedy tokens after {@code prompt}, and waits
   * for its end.
   *
   * @throws RuntimeException when the worker refuses it or fails; the message says why
   */
  Answer ask(int[] prompt, int outputTokens);

  /**
   * Time in which a step was under way, since the worker's start; absent where it does not tell.
   */
  Optional<Duration> busy();

  /** Where {@link #busy} comes from, for people. */
  String busySource();

  @Override
  void close();
}
