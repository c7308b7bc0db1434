package dev.krafla.engine.kvstore;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Stands for the content of one entry: 128 bits of a SHA-256 over the tokens and all else that the
 * content depends on. Equal keys mean equal content, in every process and on every machine.
 */
public record KvKey(long high, long low) {
  private static final int DIGITS = 32;
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

  /** 32 lower-case hex digits. */
  public String hex() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(high) + hex.toHexDigits(low);
  }

  /** What {@link #hex} gave; empty for any other text. */
  public static Optional<KvKey> parse(String hex) {
    if (!FORM.matcher(hex).matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new KvKey(
            HexFormat.fromHexDigitsToLong(hex, 0, DIGITS / 2),
            HexFormat.fromHexDigitsToLong(hex, DIGITS / 2, DIGITS)));
  }
}
