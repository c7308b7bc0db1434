package dev.krafla.image;

/** A picture cannot be made as asked; the message says what, the value, the limit, the remedy. */
public sealed class ImageException extends RuntimeException
    permits InvalidScene, MissingFont, MissingGlyph, ProofFailed, TextDoesNotFit, UnsolvableRules {
  private static final long serialVersionUID = 1;

  ImageException(String message) {
    super(message);
  }

  ImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
