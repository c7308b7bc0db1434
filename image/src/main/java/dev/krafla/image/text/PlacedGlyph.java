package dev.krafla.image.text;

/**
 * A glyph where it is drawn.
 *
 * @param x of its origin, pixels of the canvas
 * @param y of its origin
 * @param quarterTurn whether it is turned a quarter clockwise, as Latin is in vertical lines
 * @param string index of the paragraph in its text node
 * @param from UTF-16 units of that paragraph which it stands for
 * @param to exclusive
 */
public record PlacedGlyph(
    Face face,
    double size,
    int glyph,
    double x,
    double y,
    boolean quarterTurn,
    int string,
    int from,
    int to) {
  /** The rectangle of its ink on the canvas; empty for spaces. */
  public dev.krafla.image.scene.Box ink() {
    var em = face.ink(glyph);
    return quarterTurn
        ? new dev.krafla.image.scene.Box(
            x - em.bottom() * size, y + em.x() * size, em.height() * size, em.width() * size)
        : new dev.krafla.image.scene.Box(
            x + em.x() * size, y + em.y() * size, em.width() * size, em.height() * size);
  }

  PlacedGlyph moved(double dx, double dy) {
    return new PlacedGlyph(face, size, glyph, x + dx, y + dy, quarterTurn, string, from, to);
  }
}
