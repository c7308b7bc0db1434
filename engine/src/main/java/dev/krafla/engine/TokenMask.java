package dev.krafla.engine;

/**
 * The progress of one answer through its constraint: says which tokens may come next. Mutable;
 * owned by the engine's thread. Made by a compiled constraint, which is shared and cached.
 */
public interface TokenMask {
  /**
   * Sets bit {@code id} of {@code bits} (vocabulary size, 64 ids a word) for every token that may
   * come next.
   */
  void allowed(long[] bits);

  /** Moves on by one token that was allowed. */
  void accept(int token);

  /** Whether the answer may end here (end tokens are then among the allowed). */
  boolean complete();
}
