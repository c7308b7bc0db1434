package dev.krafla.serving.route;

import java.util.Arrays;

/**
 * Which blocks a replica probably holds: a bounded map from block keys to how long that is to be
 * believed, in the order of last use. Open addressing with linear probing and an intrusive list,
 * some 36 bytes a block and no object. Not thread-safe.
 */
public final class PrefixRecord {
  /** Believed until it is thrown out. */
  public static final long CONFIRMED = Long.MAX_VALUE;

  private static final int NONE = -1;
  private static final int FIRST_SIZE = 64;

  private final int maxBlocks;
  private long[] keys; // by entry
  private long[] until;
  private int[] newer;
  private int[] older;
  private int[] table; // entry or NONE; at most half full
  private int size;
  private int newest = NONE;
  private int oldest = NONE;

  /**
   * @param maxBlocks most that are remembered; the least recently used goes first
   */
  public PrefixRecord(int maxBlocks) {
    if (maxBlocks < 1) {
      throw new IllegalArgumentException(
          "maxBlocks is %d; it must be 1 or more".formatted(maxBlocks));
    }
    this.maxBlocks = maxBlocks;
    int entries = Math.min(FIRST_SIZE, maxBlocks);
    keys = new long[entries];
    until = new long[entries];
    newer = new int[entries];
    older = new int[entries];
    table = emptyTable(entries);
  }

  /** Blocks remembered, believed or not. */
  public int size() {
    return size;
  }

  /** How many of {@code chain}'s first blocks are believed to be held at {@code now}. */
  public int overlap(long[] chain, long now) {
    int hits = 0;
    while (hits < chain.length) {
      int entry = find(chain[hits]);
      if (entry == NONE || until[entry] < now) {
        break;
      }
      hits++;
    }
    return hits;
  }

  /**
   * Remembers {@code chain} as used just now, believed until {@code expiry} or longer if it was
   * before. Beginnings count as used after their continuations, so that these go first.
   */
  public void add(long[] chain, long expiry) {
    for (int i = Math.min(chain.length, maxBlocks) - 1; i >= 0; i--) {
      int entry = find(chain[i]);
      if (entry == NONE) {
        entry = newEntry(chain[i]);
        until[entry] = expiry;
      } else {
        until[entry] = Math.max(until[entry], expiry);
        unlink(entry);
      }
      linkNewest(entry);
    }
  }

  /** Forgets one block, as a replica says that it has thrown it out. */
  public void remove(long key) {
    int entry = find(key);
    if (entry != NONE) {
      drop(entry);
    }
  }

  /** Forgets everything: the replica has started anew. */
  public void clear() {
    size = 0;
    newest = NONE;
    oldest = NONE;
    Arrays.fill(table, NONE);
  }

  private int newEntry(long key) {
    if (size == maxBlocks) {
      drop(oldest);
    }
    if (size == keys.length) {
      grow();
    }
    int entry = size++;
    keys[entry] = key;
    put(entry);
    return entry;
  }

  private void grow() {
    int entries = (int) Math.min(2L * keys.length, maxBlocks);
    keys = Arrays.copyOf(keys, entries);
    until = Arrays.copyOf(until, entries);
    newer = Arrays.copyOf(newer, entries);
    older = Arrays.copyOf(older, entries);
    table = emptyTable(entries);
    for (int entry = 0; entry < size; entry++) {
      put(entry);
    }
  }

  private static int[] emptyTable(int entries) {
    int[] table = new int[Integer.highestOneBit(Math.max(2, entries)) * 4];
    Arrays.fill(table, NONE);
    return table;
  }

  /** Takes {@code entry} out; the last entry moves into its place, so that entries stay dense. */
  private void drop(int entry) {
    unlink(entry);
    erase(entry);
    int last = --size;
    if (entry != last) {
      erase(last);
      keys[entry] = keys[last];
      until[entry] = until[last];
      newer[entry] = newer[last];
      older[entry] = older[last];
      relink(entry, last);
      put(entry);
    }
  }

  private void relink(int entry, int before) {
    if (newer[entry] == NONE) {
      newest = entry;
    } else {
      older[newer[entry]] = entry;
    }
    if (older[entry] == NONE) {
      oldest = entry;
    } else {
      newer[older[entry]] = entry;
    }
    assert newest != before && oldest != before : "entry " + before + " is still linked";
  }

  private void unlink(int entry) {
    if (newer[entry] == NONE) {
      newest = older[entry];
    } else {
      older[newer[entry]] = older[entry];
    }
    if (older[entry] == NONE) {
      oldest = newer[entry];
    } else {
      newer[older[entry]] = newer[entry];
    }
  }

  private void linkNewest(int entry) {
    newer[entry] = NONE;
    older[entry] = newest;
    if (newest == NONE) {
      oldest = entry;
    } else {
      newer[newest] = entry;
    }
    newest = entry;
  }

  private int find(long key) {
    int mask = table.length - 1;
    for (int i = home(key, mask); table[i] != NONE; i = (i + 1) & mask) {
      if (keys[table[i]] == key) {
        return table[i];
      }
    }
    return NONE;
  }

  private void put(int entry) {
    int mask = table.length - 1;
    int i = home(keys[entry], mask);
    while (table[i] != NONE) {
      i = (i + 1) & mask;
    }
    table[i] = entry;
  }

  private void erase(int entry) {
    int mask = table.length - 1;
    int hole = home(keys[entry], mask);
    while (table[hole] != entry) {
      hole = (hole + 1) & mask;
    }
    // Close the gap: whatever probed past the hole moves into it (Knuth, 6.4, algorithm R).
    for (int i = (hole + 1) & mask; table[i] != NONE; i = (i + 1) & mask) {
      int home = home(keys[table[i]], mask);
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        table[hole] = table[i];
        hole = i;
      }
    }
    table[hole] = NONE;
  }

  /** Keys are mixed already. */
  private static int home(long key, int mask) {
    return (int) key & mask;
  }
}
