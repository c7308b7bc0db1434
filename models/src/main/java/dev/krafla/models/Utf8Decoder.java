package dev.krafla.models;

import java.util.Arrays;

/**
 * UTF-8 to text piece by piece. What is not UTF-8 comes out as U+FFFD, one for each maximal part of
 * an ill-formed sequence (Unicode 16, section 3.9; Python's {@code errors="replace"} does the same,
 * the JDK's own decoder does not for encoded surrogates). Not thread-safe.
 */
final class Utf8Decoder {
  private static final char REPLACEMENT = '\uFFFD';
  private static final int LONGEST = 4;

  private byte[] bytes = new byte[LONGEST];
  private int count;

  /** Text that {@code more} completes; an unfinished character at the end waits. */
  String add(byte[] more) {
    if (count + more.length > bytes.length) {
      bytes = Arrays.copyOf(bytes, count + more.length);
    }
    System.arraycopy(more, 0, bytes, count, more.length);
    count += more.length;
    return decode(false);
  }

  /** Text of what still waits. */
  String finish() {
    return decode(true);
  }

  private String decode(boolean end) {
    var out = new StringBuilder(count);
    int at = 0;
    while (at < count) {
      int length = lengthOf(bytes[at] & 0xFF);
      int good = wellFormed(at, length);
      if (good == length && length > 0) {
        appendCodePoint(out, at, length);
        at += length;
      } else if (length > 0 && at + good == count && !end) {
        break; // right so far, but cut off
      } else {
        out.append(REPLACEMENT);
        at += Math.max(1, good);
      }
    }
    System.arraycopy(bytes, at, bytes, 0, count - at);
    count -= at;
    return out.toString();
  }

  /** Length of the character that {@code lead} begins; 0 when it begins none. */
  private static int lengthOf(int lead) {
    if (lead < 0x80) {
      return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
      return 0;
    }
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }

  /** How many of the {@code length} bytes at {@code at} are there and belong together. */
  private int wellFormed(int at, int length) {
    for (int i = 1; i < length; i++) {
      if (at + i >= count || !continues(bytes[at] & 0xFF, i, bytes[at + i] & 0xFF)) {
        return i;
      }
    }
    return length;
  }

  /** Whether {@code next} may be byte {@code i} after {@code lead} (Unicode, table 3-7). */
  private static boolean continues(int lead, int i, int next) {
    int min = 0x80;
    int max = 0xBF;
    if (i == 1) {
      switch (lead) {
        case 0xE0 -> min = 0xA0;
        case 0xED -> max = 0x9F;
        case 0xF0 -> min = 0x90;
        case 0xF4 -> max = 0x8F;
        default -> {}
      }
    }
    return next >= min && next <= max;
  }

  private void appendCodePoint(StringBuilder out, int at, int length) {
    int lead = bytes[at];
    switch (length) {
      case 1 -> out.append((char) lead);
      case 2 -> out.append((char) ((lead & 0x1F) << 6 | low(at + 1)));
      case 3 -> out.append((char) ((lead & 0x0F) << 12 | low(at + 1) << 6 | low(at + 2)));
      default ->
          out.appendCodePoint(
              (lead & 0x07) << 18 | low(at + 1) << 12 | low(at + 2) << 6 | low(at + 3));
    }
  }

  private int low(int at) {
    return bytes[at] & 0x3F;
  }
}
