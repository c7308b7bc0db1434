package dev.krafla.screen;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node as it was seen in one generation, written {@code e12@g7}. A number belongs to one node
 * while that node lives and is never given to another.
 *
 * @param element from 1
 * @param generation that of the screen it was taken from
 */
public record Ref(int element, int generation) implements Target {
  private static final Pattern FORM = Pattern.compile("e([0-9]{1,9})(?:@g([0-9]{1,9}))?");

  public Ref {
    if (element < 1 || generation < 0) {
      throw new IllegalArgumentException("no such reference: e" + element + "@g" + generation);
    }
  }

  /**
   * Reads {@code e12@g7}, or {@code e12}, which is of {@code generation}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static Ref parse(String text, int generation) {
    Matcher m = FORM.matcher(text.strip());
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no reference; references look like e12 or e12@g7".formatted(text));
    }
    int g = m.group(2) == null ? generation : Integer.parseInt(m.group(2));
    return new Ref(Integer.parseInt(m.group(1)), g);
  }

  /** Without the generation, as screens show it. */
  public String shortForm() {
    return "e" + element;
  }

  @Override
  public String toString() {
    return "e" + element + "@g" + generation;
  }
}
