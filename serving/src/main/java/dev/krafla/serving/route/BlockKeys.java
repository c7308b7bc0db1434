package dev.krafla.serving.route;

/**
 * Keys of the full blocks of a prompt: each stands for its block's tokens and all before them, so
 * that two prompts have as many equal keys as they share full blocks at their beginning. 64 bits,
 * mixed well but not by a cryptographic hash: good for telling where a prefix probably is, never
 * for deciding what a cache may hand out (the engine has SHA-256 for that).
 */
public final class BlockKeys {
  /** What every chain begins with: the golden ratio's fraction. */
  public static final long ROOT = 0x9E37_79B9_7F4A_7C15L;

  private BlockKeys() {}

  /**
   * Keys of {@code prompt}'s first full blocks.
   *
   * @param blockTokens tokens in a block
   * @param maxBlocks most keys that are wanted
   */
  public static long[] of(int[] prompt, int blockTokens, int maxBlocks) {
    return of(ROOT, prompt, blockTokens, maxBlocks);
  }

  /**
   * As above, of a cache that {@code root} keeps apart from others: {@link #ROOT}, or that and what
   * {@link #salted} made of it.
   */
  public static long[] of(long root, int[] prompt, int blockTokens, int maxBlocks) {
    int blocks = Math.min(prompt.length / blockTokens, maxBlocks);
    long[] keys = new long[blocks];
    long chain = root;
    for (int b = 0; b < blocks; b++) {
      for (int i = b * blockTokens; i < (b + 1) * blockTokens; i++) {
        chain = next(chain, prompt[i]);
      }
      keys[b] = chain;
    }
    return keys;
  }

  /** The chain after one more token; where a block is full, this is its key. */
  public static long next(long chain, long token) {
    return mix(chain ^ token) + ROOT;
  }

  /** A chain that {@code text} has been mixed into: another text, other keys. */
  public static long salted(long chain, String text) {
    long salted = next(chain, text.length());
    for (int i = 0; i < text.length(); i++) {
      salted = next(salted, text.charAt(i));
    }
    return salted;
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
