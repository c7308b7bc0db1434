package dev.krafla.platform.bench;

import dev.krafla.engine.EngineConfig;
import java.util.List;

/**
 * Which of the engine's savings a run uses.
 *
 * @param name for people
 * @param caching whether prompts share what is cached
 * @param sequences most answers at the same time; 1 is one request after the other
 * @param draftTokens most tokens guessed ahead; 0: none
 */
public record Rung(String name, boolean caching, int sequences, int draftTokens) {
  /** One request at a time, nothing cached, nothing guessed; the same kernels. */
  public static final Rung NAIVE = new Rung("naive", false, 1, 0);

  /** From {@link #NAIVE} to {@code full}, one saving more at a time. */
  public static List<Rung> ladder(Rung full) {
    return List.of(
        NAIVE,
        new Rung("+ batching", false, full.sequences, 0),
        new Rung("+ caching", true, full.sequences, 0),
        new Rung("+ speculation", true, full.sequences, full.draftTokens));
  }

  /** {@code config} with these savings and no others. */
  public EngineConfig config(EngineConfig config, int maxQueued) {
    EngineConfig set =
        config
            .withPrefixCaching(caching)
            .withMaxSequences(sequences)
            .withMaxQueued(maxQueued)
            .withMaxDraftTokens(draftTokens);
    return caching ? set : set.withPromptLogitsBytes(0);
  }
}
