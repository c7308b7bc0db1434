package dev.krafla.engine.constrain;

import java.util.ArrayList;
import java.util.List;

/** Ranges of code points as sequences of byte ranges. */
final class Utf8Ranges {
  /** Last code point of each length of UTF-8 sequence. */
  private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};

  private Utf8Ranges() {}

  /**
   * Sequences that together accept exactly the UTF-8 of {@code lo} to {@code hi}, which hold no
   * surrogates. Each is low and high of its first byte, of its second, and so on.
   */
  static List<int[]> of(int lo, int hi) {
    var out = new ArrayList<int[]>();
    int start = lo;
    for (int length = 1; length <= 4; length++) {
      int last = Math.min(hi, LAST_OF_LENGTH[length - 1]);
      if (start <= last) {
        split(start, last, length, out);
        start = last + 1;
      }
    }
    return out;
  }

  /** Cuts until all trailing bytes but those of a common prefix span their whole range. */
  private static void split(int lo, int hi, int length, List<int[]> out) {
    for (int i = 1; i < length; i++) {
      int mask = (1 << (6 * i)) - 1;
      if ((lo & ~mask) != (hi & ~mask)) {
        if ((lo & mask) != 0) {
          split(lo, lo | mask, length, out);
          split((lo | mask) + 1, hi, length, out);
          return;
        }
        if ((hi & mask) != mask) {
          split(lo, (hi & ~mask) - 1, length, out);
          split(hi & ~mask, hi, length, out);
          return;
        }
      }
    }
    int[] sequence = new int[length * 2];
    for (int i = 0; i < length; i++) {
      sequence[2 * i] = utf8Byte(lo, i, length);
      sequence[2 * i + 1] = utf8Byte(hi, i, length);
    }
    out.add(sequence);
  }

  private static int utf8Byte(int c, int index, int length) {
    int bits = c >>> (6 * (length - 1 - index));
    if (index > 0) {
      return 0x80 | (bits & 0x3F);
    }
    return switch (length) {
      case 1 -> bits;
      case 2 -> 0xC0 | bits;
      case 3 -> 0xE0 | bits;
      default -> 0xF0 | bits;
    };
  }
}
