package dev.krafla.serving.replay;

import dev.krafla.serving.route.BlockKeys;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a cache without limits would save: every full block of every earlier prompt is found, but at
 * least one token of each prompt is computed. Answers are not in it, because a trace's next turn
 * quotes an answer that this model did not give.
 *
 * @param promptTokens tokens of all prompts
 * @param hitTokens of these, tokens that such a cache would have
 */
public record IdealCache(long promptTokens, long hitTokens) {
  /**
   * Replays {@code works} in order, one after the other.
   *
   * @param blockTokens tokens in a block of the cache
   */
  public static IdealCache of(List<Work> works, int blockTokens) {
    Set<Long> seen = new HashSet<>();
    long promptTokens = 0;
    long hitTokens = 0;
    for (Work work : works) {
      int[] prompt = work.prompt().get();
      promptTokens += prompt.length;
      int reusable = (prompt.length - 1) / blockTokens;
      long[] keys = BlockKeys.of(prompt, blockTokens, Integer.MAX_VALUE);
      int hits = 0;
      while (hits < reusable && seen.contains(keys[hits])) {
        hits++;
      }
      hitTokens += (long) hits * blockTokens;
      for (long key : keys) {
        seen.add(key);
      }
    }
    return new IdealCache(promptTokens, hitTokens);
  }

  /** Share of the prompt tokens that such a cache would have. */
  public double hitRate() {
    return promptTokens == 0 ? 0 : (double) hitTokens / promptTokens;
  }
}
