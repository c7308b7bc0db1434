package dev.krafla.engine;

import dev.krafla.engine.cache.PromptKey;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The logits at the ends of the prompts that were computed last: who asks the same again gets a
 * first token without a forward pass. Bounded; the least recently used give way. Owned by the
 * engine's thread.
 */
final class PromptLogits {
  private final int capacity;
  private final Supplier<MemorySegment> row;
  private final ArrayDeque<MemorySegment> spare = new ArrayDeque<>(); // of prompts forgotten
  private final LinkedHashMap<PromptKey, MemorySegment> kept = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Keeps {@code capacity} rows of logits, 0 for none.
   *
   * @param row gives memory for one more row, {@code float32[vocabSize]}
   */
  PromptLogits(int capacity, Supplier<MemorySegment> row) {
    this.capacity = capacity;
    this.row = row;
  }

  /** Logits of that prompt, valid until the next {@link #put}. */
  Optional<MemorySegment> find(PromptKey prompt) {
    return Optional.ofNullable(kept.get(prompt));
  }

  /** Keeps a copy of {@code logits}. */
  void put(PromptKey prompt, MemorySegment logits) {
    if (capacity == 0 || kept.containsKey(prompt)) {
      return;
    }
    MemorySegment copy = room();
    copy.copyFrom(logits);
    kept.put(prompt, copy);
  }

  private MemorySegment room() {
    if (kept.size() == capacity) {
      return kept.pollFirstEntry().getValue();
    }
    return spare.isEmpty() ? row.get() : spare.removeLast();
  }

  void clear() {
    spare.addAll(kept.values()); // the memory is the engine's for its whole life
    kept.clear();
  }
}
