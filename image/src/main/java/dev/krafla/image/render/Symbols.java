package dev.krafla.image.render;

import java.util.List;

/** The built-in symbols, by name. */
public final class Symbols {
  private Symbols() {}

  /** Names that an icon of a scene may have. */
  public static List<String> names() {
    return Icons.names();
  }

  /** The symbol that fits the words of a prompt best. */
  public static String forPrompt(String prompt) {
    return Icons.forPrompt(prompt);
  }
}
