package dev.krafla.models.tokenizer;

import java.util.Arrays;

/** Map of {@code long ≥ 0} to {@code long ≥ 0}, open addressing; read-only once filled. */
final class LongTable {
  static final long ABSENT = -1;

  private long[] keys;
  private long[] values;
  private int size;

  LongTable(int expected) {
    int capacity = Integer.highestOneBit(Math.max(8, expected) * 2 - 1) * 2;
    keys = new long[capacity];
    values = new long[capacity];
    Arrays.fill(keys, ABSENT);
  }

  /** Adds the pair unless the key is there; gives the value that was there or {@code ABSENT}. */
  long putIfAbsent(long key, long value) {
    if (size * 2 >= keys.length) {
      grow();
    }
    int slot = slot(key);
    if (keys[slot] == key) {
      return values[slot];
    }
    keys[slot] = key;
    values[slot] = value;
    size++;
    return ABSENT;
  }

  long get(long key) {
    int slot = slot(key);
    return keys[slot] == key ? values[slot] : ABSENT;
  }

  private int slot(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    int mask = keys.length - 1;
    int slot = (int) (mixed >>> 32) & mask;
    while (keys[slot] != ABSENT && keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new long[oldKeys.length * 2];
    Arrays.fill(keys, ABSENT);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != ABSENT) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }
}
