package dev.krafla.models.jinja;

/** Escape sequences of Python strings. */
final class Escapes {
  private Escapes() {}

  /** The value of a string literal's inside. */
  static String read(String raw) {
    if (raw.indexOf('\\') < 0) {
      return raw;
    }
    var out = new StringBuilder(raw.length());
    int i = 0;
    while (i < raw.length()) {
      char c = raw.charAt(i++);
      if (c != '\\' || i == raw.length()) {
        out.append(c);
        continue;
      }
      char e = raw.charAt(i++);
      switch (e) {
        case '\n' -> {}
        case '\\', '\'', '"' -> out.append(e);
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'a' -> out.append('\u0007');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'v' -> out.append('\u000B');
        case 'x' -> i = hex(raw, i, 2, out, e);
        case 'u' -> i = hex(raw, i, 4, out, e);
        case 'U' -> i = hex(raw, i, 8, out, e);
        default -> {
          if (e >= '0' && e <= '7') {
            i = octal(raw, i - 1, out);
          } else {
            out.append(c).append(e);
          }
        }
      }
    }
    return out.toString();
  }

  private static int hex(String raw, int from, int digits, StringBuilder out, char kind) {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = from + i < raw.length() ? Character.digit(raw.charAt(from + i), 16) : -1;
      if (digit < 0) {
        out.append('\\').append(kind);
        return from;
      }
      value = value * 16 + digit;
    }
    out.appendCodePoint(Character.isValidCodePoint(value) ? value : 0xFFFD);
    return from + digits;
  }

  private static int octal(String raw, int from, StringBuilder out) {
    int value = 0;
    int i = from;
    while (i < raw.length() && i < from + 3 && raw.charAt(i) >= '0' && raw.charAt(i) <= '7') {
      value = value * 8 + raw.charAt(i++) - '0';
    }
    out.append((char) value);
    return i;
  }
}
