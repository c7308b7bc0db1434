package dev.krafla.image;

/** No font of a text's chain has a glyph for a character; nothing is drawn instead. */
public final class MissingGlyph extends ImageException {
  private static final long serialVersionUID = 1;
  private final int codePoint;

  public MissingGlyph(int codePoint, String text) {
    super(
        "no font here has a glyph for U+%04X (%s) in '%s'; add one that has it to the fonts folder"
            .formatted(codePoint, Character.getName(codePoint), text));
    this.codePoint = codePoint;
  }

  public int codePoint() {
    return codePoint;
  }
}
