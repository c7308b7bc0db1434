package dev.krafla.image.plan;

/** Looking for words in a prompt: Latin ones as wholes, CJK ones wherever they stand. */
final class Words {
  private Words() {}

  static int count(String lower, String word) {
    int count = 0;
    boolean latin = word.charAt(0) < 0x250;
    for (int i = lower.indexOf(word); i >= 0; i = lower.indexOf(word, i + word.length())) {
      boolean begins = !latin || i == 0 || !Character.isLetterOrDigit(lower.charAt(i - 1));
      int end = i + word.length();
      // a plural counts
      if (latin && end < lower.length() && lower.charAt(end) == 's') {
        end++;
      }
      boolean ends =
          !latin || end >= lower.length() || !Character.isLetterOrDigit(lower.charAt(end));
      if (begins && ends) {
        count++;
      }
    }
    return count;
  }

  static boolean any(String lower, String words) {
    for (String word : words.split(" ", -1)) {
      if (count(lower, word) > 0) {
        return true;
      }
    }
    return false;
  }
}
