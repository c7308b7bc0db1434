package dev.krafla.platform.bench;

/** Text for pages. */
final class Html {
  private Html() {}

  /** {@code text} as it may stand between tags and in attributes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
