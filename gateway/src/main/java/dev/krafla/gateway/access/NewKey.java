package dev.krafla.gateway.access;

import java.security.SecureRandom;
import java.util.Base64;

/**
 * A key that was just made: the one moment at which its text is known.
 *
 * @param text {@code kr-} and 256 random bits; shown once, never kept
 */
public record NewKey(String text) {
  static final String PREFIX = "kr-";
  private static final int BYTES = 32;
  private static final int HINT = 7;

  /** Makes one. */
  public static NewKey random(SecureRandom random) {
    byte[] bits = new byte[BYTES];
    random.nextBytes(bits);
    return new NewKey(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bits));
  }

  public KeyHash hash() {
    return KeyHash.of(text);
  }

  /** Its first characters: 24 of its bits, so 232 stay secret. */
  public String hint() {
    return text.substring(0, HINT) + "…";
  }

  /** Says nothing of the key. */
  @Override
  public String toString() {
    return "NewKey[" + hint() + "]";
  }
}
