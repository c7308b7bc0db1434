package dev.krafla.image.scene;

/**
 * A text of the string table, drawn exactly as it stands here.
 *
 * @param lang BCP 47 tag; it chooses the regional forms of CJK characters
 * @param from where in the prompt it began, −1 when it came from elsewhere
 * @param to where in the prompt it ended, exclusive
 */
public record Copy(String text, String lang, int from, int to) {
  /** Most UTF-16 units in one string. */
  public static final int MAX_LENGTH = 8_000;

  /** A string that did not come from a prompt. */
  public static Copy of(String text, String lang) {
    return new Copy(text, lang, -1, -1);
  }
}
