package dev.krafla.image;

/** A text is too long for its box, even at the smallest size that its style allows. */
public final class TextDoesNotFit extends ImageException {
  private static final long serialVersionUID = 1;

  public TextDoesNotFit(String message) {
    super(message);
  }
}
