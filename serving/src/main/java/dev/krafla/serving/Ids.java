package dev.krafla.serving;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Names for requests and tool calls that no two share. */
final class Ids {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int REQUEST_BYTES = 12;
  private static final int CALL_BYTES = 12;
  private static final int SHORT_CALL_LETTERS = 9;
  private static final String ALPHANUMERIC =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

  private Ids() {}

  static String request() {
    return hex(REQUEST_BYTES);
  }

  static String toolCall() {
    return "call_" + hex(CALL_BYTES);
  }

  /** Mistral's chat templates refuse ids that are not nine letters and digits. */
  static String shortToolCall() {
    StringBuilder id = new StringBuilder();
    for (int i = 0; i < SHORT_CALL_LETTERS; i++) {
      id.append(ALPHANUMERIC.charAt(RANDOM.nextInt(ALPHANUMERIC.length())));
    }
    return id.toString();
  }

  private static String hex(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
