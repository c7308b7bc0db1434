package dev.krafla.serving.route;

/**
 * Keys of the full blocks of a prompt: each stands for its block's tokens and all before them, so
 * that two prompts have as many equal keys as they share full blocks at their beginning. 64 bits,
 * mixed well but not by a cryptographic hash: good for telling where a prefix probably is, never
 * for deciding what a cache may hand out (the engine has SHA-256 for that).
 */
public final class BlockKeys {
  private static final long ROOT = 0x9E37_79B9_7F4A_7C15L;

  private BlockKeys() {}

  /**
   * Keys of {@code prompt}'s first full blocks.
   *
   * @param blockTokens tokens in a block
   * @param maxBlocks most keys that are wanted
   */
  public static long[] of(int[] prompt, int blockTokens, int maxBlocks) {
    int blocks = Math.min(prompt.length / blockTokens, maxBlocks);
    long[] keys = new long[blocks];
    long chain = ROOT;
    for (int b = 0; b < blocks; b++) {
      for (int i = b * blockTokens; i < (b + 1) * blockTokens; i++) {
        chain = mix(chain ^ prompt[i]) + ROOT;
      }
      keys[b] = chain;
    }
    return keys;
  }

  /**
   * Keys of the blocks that a cache may serve: one token is always left to compute, because its
   * logits are what the answer begins with.
   */
  public static long[] reusable(int[] prompt, int blockTokens) {
    return of(prompt, blockTokens, (prompt.length - 1) / blockTokens);
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection on 64 bits. */
  static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D0_49BB_1331_11EBL;
    return b ^ (b >>> 31);
  }
}
