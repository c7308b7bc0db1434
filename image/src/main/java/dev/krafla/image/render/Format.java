package dev.krafla.image.render;

import java.util.Locale;
import java.util.Optional;

/** Files that pictures are written to. */
public enum Format {
  PNG,
  JPEG,
  WEBP,
  /** Vectors; text as outlines, so that it looks the same everywhere. */
  SVG,
  /** Vectors; text as text of embedded fonts. */
  PDF,
  /** The scene itself. */
  JSON;

  /** By the ending of a file's name. */
  public static Optional<Format> ofFile(String name) {
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return switch (ending) {
      case "png" -> Optional.of(PNG);
      case "jpg", "jpeg" -> Optional.of(JPEG);
      case "webp" -> Optional.of(WEBP);
      case "svg" -> Optional.of(SVG);
      case "pdf" -> Optional.of(PDF);
      case "json" -> Optional.of(JSON);
      default -> Optional.empty();
    };
  }
}
