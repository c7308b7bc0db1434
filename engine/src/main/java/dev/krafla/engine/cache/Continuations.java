package dev.krafla.engine.cache;

import dev.krafla.kernels.KvCache;
import java.util.Arrays;

/**
 * Which blocks of the {@link PrefixIndex} come after the same beginning, and what tokens they hold:
 * finds one whose first tokens are those that a sequence goes on with, though the block as a whole
 * is not. Struct of arrays, 80 bytes a block.
 */
final class Continuations {
  /** Stands for "no such block". */
  static final int ABSENT = -1;

  private static final int TOKENS = KvCache.BLOCK_TOKENS;

  /** Newest blocks of a hash bucket that are looked at. */
  private static final int REACH = 32;

  private final long[] parentHigh; // by block: key of the block before it
  private final long[] parentLow;
  private final int[] tokens; // [block][TOKENS]
  private final int[] heads; // by bucket: its newest block
  private final int[] older; // by block, within its bucket
  private final int[] newer;

  Continuations(int numBlocks) {
    parentHigh = new long[numBlocks];
    parentLow = new long[numBlocks];
    tokens = new int[numBlocks * TOKENS];
    heads = new int[Integer.highestOneBit(Math.max(2, numBlocks)) * 2];
    older = new int[numBlocks];
    newer = new int[numBlocks];
    Arrays.fill(heads, ABSENT);
  }

  /**
   * Enters {@code block}, which is not in here and holds the {@code i}-th block of {@code keys}.
   */
  void put(int block, KeyChain keys, int i) {
    parentHigh[block] = keys.parentHigh(i);
    parentLow[block] = keys.parentLow(i);
    keys.copyTokens(i, tokens, block * TOKENS);
    int bucket = bucket(parentLow[block]);
    int head = heads[bucket];
    older[block] = head;
    newer[block] = ABSENT;
    if (head != ABSENT) {
      newer[head] = block;
    }
    heads[bucket] = block;
  }

  /** Takes {@code block} out, which is in here. */
  void remove(int block) {
    if (newer[block] == ABSENT) {
      heads[bucket(parentLow[block])] = older[block];
    } else {
      older[newer[block]] = older[block];
    }
    if (older[block] != ABSENT) {
      newer[older[block]] = newer[block];
    }
  }

  /**
   * Of the blocks that come after the first {@code blocks} of {@code keys}, the one that begins
   * with most of {@code wanted[from … to)}; {@link #ABSENT} where none has its first token.
   */
  int find(KeyChain keys, int blocks, int[] wanted, int from, int to) {
    long high = keys.parentHigh(blocks);
    long low = keys.parentLow(blocks);
    int best = ABSENT;
    int most = 0;
    int block = heads[bucket(low)];
    for (int seen = 0; block != ABSENT && seen < REACH; seen++) {
      if (parentLow[block] == low && parentHigh[block] == high) {
        int common = common(block, wanted, from, to);
        if (common > most) {
          most = common;
          best = block;
        }
      }
      block = older[block];
    }
    return best;
  }

  /** With how many of {@code wanted[from … to)} the tokens of {@code block} begin. */
  int common(int block, int[] wanted, int from, int to) {
    int at = block * TOKENS;
    int most = Math.min(TOKENS, to - from);
    int differs = Arrays.mismatch(tokens, at, at + most, wanted, from, from + most);
    return differs < 0 ? most : differs;
  }

  private int bucket(long low) {
    return (int) low & (heads.length - 1);
  }
}
