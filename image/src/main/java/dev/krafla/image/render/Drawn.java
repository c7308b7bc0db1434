package dev.krafla.image.render;

import dev.krafla.image.layout.Layout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * A picture in memory.
 *
 * @param inks of the text nodes, by id
 * @param plate RGBA, 8 bits each, rows from the top: everything but text
 * @param pixels the same with text
 */
public record Drawn(Layout layout, Map<String, Ink> inks, byte[] plate, byte[] pixels) {
  public Drawn {
    inks = Map.copyOf(inks);
  }

  public int width() {
    return layout.scene().canvas().width();
  }

  public int height() {
    return layout.scene().canvas().height();
  }

  /** SHA-256 of the pixels, hexadecimal. */
  public String digest() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(pixels));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
