package dev.krafla.screen.render;

/** How many tokens a text costs a model. */
@FunctionalInterface
public interface TokenCount {
  /** Tokens of {@code text}. */
  int of(String text);

  /**
   * Without a tokenizer, rather too many than too few: a token per five letters of a word, per
   * digit, per sign and per line.
   */
  static TokenCount estimate() {
    return text -> {
      int tokens = 0;
      int letters = 0;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (Character.isLetter(c) && c < 0x250) {
          letters++;
          continue;
        }
        tokens += (letters + 4) / 5;
        letters = 0;
        tokens += c == ' ' ? 0 : 1;
      }
      return tokens + (letters + 4) / 5;
    };
  }
}
