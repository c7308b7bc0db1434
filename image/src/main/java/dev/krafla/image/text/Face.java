package dev.krafla.image.text;

import dev.krafla.image.scene.Box;

/**
 * One font at one weight. Lengths are in ems, so that they hold for any size; y points down.
 * Thread-safe.
 */
public interface Face {
  /** The font's key and variation, as {@code inter@700}. */
  String name();

  /** The glyph of a code point by the font's character map; 0 where it has none. */
  int glyph(int codePoint);

  /**
   * Glyphs of {@code text} with the font's kerning and ligatures, in visual order.
   *
   * @param vertical the forms for vertical lines
   */
  Shaped shape(String text, boolean rightToLeft, String lang, boolean vertical);

  /** The ink of a glyph around its origin; empty for spaces. */
  Box ink(int glyph);

  /**
   * Result of shaping: for each glyph its id, its origin, and the first UTF-16 unit of its cluster.
   *
   * @param advance of the whole run
   */
  record Shaped(int[] glyphs, float[] x, float[] y, int[] clusters, float advance) {}
}
