package dev.krafla.image;

/** A font file that is pinned by its digest is not here, or is not what its digest says. */
public final class MissingFont extends ImageException {
  private static final long serialVersionUID = 1;
  private final String font;

  public MissingFont(String font, String message) {
    super(message);
    this.font = font;
  }

  /** The key of the font in the catalogue, or its file. */
  public String font() {
    return font;
  }
}
