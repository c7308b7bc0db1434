package dev.krafla.models.output;

/**
 * Follows the arguments of a call, which must be one JSON object, and gives them out as they come.
 * Control characters in strings come out escaped: models write line breaks as they are, JSON must
 * not have them. Not thread-safe.
 */
final class ArgumentsScan {
  private static final char SPACE = ' ';

  private final JsonScan scan = new JsonScan();

  /**
   * Takes the next character.
   *
   * @param out gets what it adds
   * @return false when it does not fit: nothing is added then
   */
  boolean accept(char c, StringBuilder out) {
    if (!begun() && c != '{') {
      return JsonScan.isSpace(c);
    }
    boolean bare = scan.inString() && c < SPACE;
    if (scan.accept(c) == JsonScan.Step.MISFIT) {
      return false;
    }
    if (bare) {
      out.append(escape(c));
    } else {
      out.append(c);
    }
    return true;
  }

  /** Whether the object's opening brace is there. */
  boolean begun() {
    return scan.depth() > 0 || scan.ended();
  }

  /** Whether the object is complete. */
  boolean ended() {
    return scan.ended();
  }

  private static String escape(char c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> "\\u%04x".formatted((int) c);
    };
  }
}
