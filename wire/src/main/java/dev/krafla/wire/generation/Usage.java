package dev.krafla.wire.generation;

/**
 * What an answer took, in tokens, as its provider counts them.
 *
 * @param promptTokens all of the prompt's, cached ones included
 * @param cachedTokens of them, found in the provider's cache
 * @param cacheWriteTokens of them, written to the provider's cache at its price for that
 * @param completionTokens all of the answer's, thoughts included
 * @param reasoningTokens of them, thought
 */
public record Usage(
    long promptTokens,
    long cachedTokens,
    long cacheWriteTokens,
    long completionTokens,
    long reasoningTokens) {
  /** Nothing. */
  public static final Usage NONE = new Usage(0, 0, 0, 0, 0);

  public long totalTokens() {
    return promptTokens + completionTokens;
  }
}
