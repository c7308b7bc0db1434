package dev.krafla.image.text;

/**
 * The smallest piece of text that is placed as one: its glyphs and the UTF-16 units they stand for.
 * Lengths in ems.
 *
 * @param glyphs of {@code face}, in visual order
 * @param dx of each glyph from the cluster's left edge
 * @param level bidirectional level, odd for right to left
 */
record Cluster(
    int from,
    int to,
    Face face,
    int[] glyphs,
    float[] dx,
    float[] dy,
    float advance,
    int level,
    int first,
    int last) {
  boolean isSpace() {
    return Character.isWhitespace(first) || first == 0x3000 || first == 0xA0;
  }

  boolean isNewline() {
    return first == '\n';
  }
}
