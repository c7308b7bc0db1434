package dev.krafla.models.tokenizer;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Token ids by their bytes. Ids without bytes (control tokens, holes) are never found. Immutable
 * and thread-safe.
 */
final class Vocabulary {
  static final int ABSENT = -1;

  private final byte[] blob;
  private final int[] offsets;
  private final int[] slots; // id + 1; 0 is free
  private final int longest;

  /**
   * @param tokens bytes by id; null for an id that ordinary text never gives. Of equal ones the
   *     first counts.
   */
  Vocabulary(List<byte @Nullable []> tokens) {
    int total = 0;
    int max = 0;
    for (byte[] token : tokens) {
      int length = token == null ? 0 : token.length;
      total += length;
      max = Math.max(max, length);
    }
    longest = max;
    blob = new byte[total];
    offsets = new int[tokens.size() + 1];
    slots = new int[Integer.highestOneBit(Math.max(4, tokens.size() * 2 - 1)) * 2];
    for (int id = 0; id < tokens.size(); id++) {
      byte[] token = tokens.get(id);
      int length = token == null ? 0 : token.length;
      offsets[id + 1] = offsets[id] + length;
      if (token != null && length > 0) {
        System.arraycopy(token, 0, blob, offsets[id], length);
        insert(id);
      }
    }
  }

  private void insert(int id) {
    int slot = hash(blob, offsets[id], offsets[id + 1]) & (slots.length - 1);
    while (slots[slot] != 0) {
      if (equal(slots[slot] - 1, blob, offsets[id], offsets[id + 1])) {
        return;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    slots[slot] = id + 1;
  }

  int size() {
    return offsets.length - 1;
  }

  /** Bytes of the longest token. */
  int longest() {
    return longest;
  }

  /** Id of the token with the bytes {@code text[from, to)}, or {@code ABSENT}. */
  int find(byte[] text, int from, int to) {
    if (to - from > longest || from == to) {
      return ABSENT;
    }
    int slot = hash(text, from, to) & (slots.length - 1);
    while (slots[slot] != 0) {
      if (equal(slots[slot] - 1, text, from, to)) {
        return slots[slot] - 1;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    return ABSENT;
  }

  int find(byte[] text) {
    return find(text, 0, text.length);
  }

  private boolean equal(int id, byte[] text, int from, int to) {
    return Arrays.equals(blob, offsets[id], offsets[id + 1], text, from, to);
  }

  private static int hash(byte[] text, int from, int to) {
    int h = 0x811C9DC5;
    for (int i = from; i < to; i++) {
      h = (h ^ text[i]) * 0x01000193; // FNV-1a
    }
    return h ^ h >>> 15;
  }
}
