package dev.krafla.models.tokenizer;

import java.io.ByteArrayOutputStream;
import java.util.Optional;

/**
 * GPT-2's way to write bytes as visible characters: printable Latin-1 stands for itself, the other
 * bytes take U+0100 and on.
 */
final class ByteAlphabet {
  private static final int BYTES = 256;

  private final short[] byteOf = new short[2 * BYTES + 1];

  ByteAlphabet() {
    java.util.Arrays.fill(byteOf, (short) -1);
    int extra = BYTES;
    for (int b = 0; b < BYTES; b++) {
      boolean visible = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      byteOf[visible ? b : extra++] = (short) b;
    }
  }

  /** The bytes that {@code token} stands for; empty where it is not written in this alphabet. */
  Optional<byte[]> bytes(String token) {
    var bytes = new ByteArrayOutputStream(token.length());
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c >= byteOf.length || byteOf[c] < 0) {
        return Optional.empty();
      }
      bytes.write(byteOf[c]);
    }
    return Optional.of(bytes.toByteArray());
  }
}
