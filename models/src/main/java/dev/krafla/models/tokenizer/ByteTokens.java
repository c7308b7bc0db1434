package dev.krafla.models.tokenizer;

/** Tokens like {@code <0x0A>}, which stand for one byte. */
final class ByteTokens {
  private static final int LENGTH = 6;

  private ByteTokens() {}

  /** The byte that {@code token} stands for, or -1. */
  static int value(String token) {
    if (token.length() != LENGTH || !token.startsWith("<0x") || !token.endsWith(">")) {
      return -1;
    }
    int high = Character.digit(token.charAt(3), 16);
    int low = Character.digit(token.charAt(4), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }
}
