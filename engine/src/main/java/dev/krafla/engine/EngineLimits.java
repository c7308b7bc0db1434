package dev.krafla.engine;

import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import dev.krafla.models.CausalLm;
import java.lang.management.ManagementFactory;

/**
 * What a configuration comes to for one model on this machine.
 *
 * @param model identity of the weights, of the arithmetic that runs them and of the cache's layout
 * @param numBlocks blocks of the KV cache
 * @param maxBatchTokens most tokens of a step, by configuration and model
 * @param maxSequences most sequences of a step, no more than half of its tokens
 * @param maxSequenceTokens most tokens of a sequence: the context, or the whole cache
 * @param promptLogits prompts whose last logits are kept
 * @param maxDraftTokens most guesses that a step checks for one answer
 * @param policy who goes first
 */
record EngineLimits(
    String model,
    KvType kvType,
    int numBlocks,
    int maxBatchTokens,
    int maxSequences,
    int maxSequenceTokens,
    int promptLogits,
    int maxDraftTokens,
    SchedulingPolicy policy) {

  static EngineLimits of(CausalLm lm, EngineConfig config) {
    int context = lm.info().contextLength();
    int numBlocks = numBlocks(lm, config);
    int maxBatchTokens = Math.min(config.maxBatchTokens(), lm.info().maxBatchRows());
    return new EngineLimits(
        String.join(
            "/",
            lm.info().digest(),
            lm.exactArithmetic(),
            Integer.toString(KvCache.LAYOUT_VERSION)),
        config.kvType(),
        numBlocks,
        maxBatchTokens,
        Math.min(config.maxSequences(), Math.max(1, maxBatchTokens / 2)),
        (int) Math.min(context, (long) numBlocks * BLOCK_TOKENS),
        (int)
            Math.min(
                config.promptLogitsBytes() / ((long) lm.info().vocabSize() * Float.BYTES),
                Integer.MAX_VALUE),
        config.maxDraftTokens(),
        config.scheduling());
  }

  int maxBlocksPerSequence() {
    return (maxSequenceTokens + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
  }

  private static int numBlocks(CausalLm lm, EngineConfig config) {
    long blockBytes = KvCache.blockBytes(lm.kvShape(), config.kvType());
    long blocks;
    if (config.kvBytes().isPresent()) {
      blocks = config.kvBytes().getAsLong() / blockBytes;
    } else {
      long contextBlocks = ((long) lm.info().contextLength() + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
      long share = (long) (config.kvShare() * machineBytes()) / blockBytes;
      blocks = Math.min(share, contextBlocks * config.maxSequences());
    }
    if (blocks < 1) {
      throw new IllegalArgumentException(
          "the KV cache has room for no block of %d bytes (%d tokens); give it more memory"
              .formatted(blockBytes, BLOCK_TOKENS));
    }
    // Slots are numbered by int: block × 16 + place.
    return (int) Math.min(blocks, Integer.MAX_VALUE / BLOCK_TOKENS);
  }

  /** Memory that this process may use: the machine's, or its container's. */
  private static long machineBytes() {
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean os) {
      return os.getTotalMemorySize();
    }
    return Runtime.getRuntime().maxMemory();
  }
}
