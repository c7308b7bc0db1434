package dev.krafla.gateway.config;

import java.util.Comparator;
import java.util.List;

/** Which known word somebody may have meant. */
final class Nearest {
  private Nearest() {}

  /** As "did you mean 'models'?", or what there is where nothing is near. */
  static String hint(String word, List<String> known) {
    return known.stream()
        .filter(k -> isNear(word, k))
        .min(Comparator.comparingInt(k -> distance(word, k)))
        .map("did you mean '%s'?"::formatted)
        .orElseGet(() -> "there is " + String.join(", ", known.stream().sorted().toList()));
  }

  /** Whether {@code word} may be a slip of {@code known}. */
  static boolean isNear(String word, String known) {
    return distance(word, known) <= Math.max(2, known.length() / 3);
  }

  /** Letters to put in, leave out or change (Levenshtein 1965). */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
