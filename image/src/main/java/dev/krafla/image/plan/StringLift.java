package dev.krafla.image.plan;

import dev.krafla.image.InvalidScene;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Languages;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes what a prompt quotes out of it, character by character, before anything else sees it.
 * Quotation marks are {@code "…"}, {@code “…”}, {@code „…“}, {@code «…»}, {@code 「…」}, {@code 『…』};
 * a mark of another pair inside them belongs to the text.
 */
public final class StringLift {
  /** Longest prompt, UTF-16 units. */
  public static final int MAX_PROMPT = 100_000;

  private static final String OPENING = "“„«「『";
  private static final String CLOSING = "”“»」』";

  private StringLift() {}

  /**
   * Strings in their order.
   *
   * @throws InvalidScene when the prompt or a string is too long
   */
  public static List<Copy> lift(String prompt) {
    if (prompt.length() > MAX_PROMPT) {
      throw new InvalidScene(
          "prompt",
          "has %d characters; at most %d are read".formatted(prompt.length(), MAX_PROMPT));
    }
    var lifted = new ArrayList<Copy>();
    for (int i = 0; i < prompt.length(); i++) {
      int end = closing(prompt, i);
      if (end < 0) {
        continue;
      }
      String text = prompt.substring(i + 1, end);
      if (text.length() > Copy.MAX_LENGTH) {
        throw new InvalidScene(
            "prompt",
            "quotes %d characters at %d; at most %d are set as one text"
                .formatted(text.length(), i, Copy.MAX_LENGTH));
      }
      if (!text.isBlank()) {
        lifted.add(new Copy(text, Languages.of(text), i + 1, end));
      }
      i = end;
    }
    return List.copyOf(lifted);
  }

  /** Where the quotation that begins at {@code i} ends; −1 where none begins or it has no end. */
  private static int closing(String prompt, int i) {
    char c = prompt.charAt(i);
    if (c == '"') {
      boolean inches = i > 0 && Character.isDigit(prompt.charAt(i - 1)); // 27" screen
      return inches ? -1 : endOf(prompt, i + 1, '"', '”');
    }
    int pair = OPENING.indexOf(c);
    if (pair < 0) {
      return -1;
    }
    char close = CLOSING.charAt(pair);
    int depth = 0;
    for (int j = i + 1; j < prompt.length(); j++) {
      char d = prompt.charAt(j);
      if (d == close && depth == 0) {
        return j;
      }
      if (d == c && c != close) {
        depth++;
      } else if (d == close) {
        depth--;
      }
    }
    return -1;
  }

  private static int endOf(String prompt, int from, char close, char also) {
    for (int j = from; j < prompt.length(); j++) {
      char d = prompt.charAt(j);
      if (d == close || d == also) {
        return j;
      }
    }
    return -1;
  }
}
