package dev.krafla.engine;

import dev.krafla.engine.cache.BlockTable;
import java.lang.foreign.MemorySegment;

/**
 * How far the draft model has read one answer, and what it guesses. Owned by the engine's thread.
 */
final class DraftGuesses {
  final BlockTable blocks = new BlockTable(); // of the draft model's cache
  final MemorySegment[] logits; // of its guesses, each row as long as the large model's
  int numComputed; // tokens of the answer whose KV is in the draft model's cache
  int numPublished; // blocks that were offered to that cache's prefix index
  int wanted; // guesses, in this step
  int made;

  DraftGuesses(int most) {
    logits = new MemorySegment[most];
  }

  /** Of the guesses, the first {@code accepted} are tokens of the answer now. */
  void checked(int accepted) {
    numComputed += Math.max(0, Math.min(accepted, made - 1)); // the last was never computed
  }
}
