package dev.krafla.engine.cache;

import java.util.Arrays;

/**
 * Finds blocks by the key of what they hold. An open-addressing table of block numbers; the 128-bit
 * keys lie beside it by block, so that an entry costs 24 bytes and no object. Keys come from
 * SHA-256 and need no further mixing, and equal keys mean equal content.
 */
final class PrefixIndex {
  /** Stands for "no such block". */
  static final int ABSENT = -1;

  private final long[] high; // by block
  private final long[] low;
  private final boolean[] present; // by block
  private final int[] table; // block or ABSENT, linear probing
  private final int mask;
  private int size;

  PrefixIndex(int numBlocks) {
    high = new long[numBlocks];
    low = new long[numBlocks];
    present = new boolean[numBlocks];
    table = new int[Integer.highestOneBit(Math.max(2, numBlocks)) * 4]; // at most half full
    mask = table.length - 1;
    Arrays.fill(table, ABSENT);
  }

  int size() {
    return size;
  }

  boolean contains(int block) {
    return present[block];
  }

  /** The block that holds {@code (h, l)}, or {@link #ABSENT}. */
  int find(long h, long l) {
    for (int i = home(l); table[i] != ABSENT; i = (i + 1) & mask) {
      int block = table[i];
      if (low[block] == l && high[block] == h) {
        return block;
      }
    }
    return ABSENT;
  }

  /** Enters {@code block}, which is not in the index, under a key that is not either. */
  void put(int block, long h, long l) {
    assert !present[block] && find(h, l) == ABSENT : "block " + block + " entered twice";
    high[block] = h;
    low[block] = l;
    present[block] = true;
    int i = home(l);
    while (table[i] != ABSENT) {
      i = (i + 1) & mask;
    }
    table[i] = block;
    size++;
  }

  /** Takes {@code block} out, if it is in. */
  void remove(int block) {
    if (!present[block]) {
      return;
    }
    present[block] = false;
    size--;
    int hole = home(low[block]);
    while (table[hole] != block) {
      hole = (hole + 1) & mask;
    }
    // Close the gap: whatever probed past the hole moves into it (Knuth, 6.4, algorithm R).
    for (int i = (hole + 1) & mask; table[i] != ABSENT; i = (i + 1) & mask) {
      int home = home(low[table[i]]);
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        table[hole] = table[i];
        hole = i;
      }
    }
    table[hole] = ABSENT;
  }

  private int home(long l) {
    return (int) l & mask;
  }
}
