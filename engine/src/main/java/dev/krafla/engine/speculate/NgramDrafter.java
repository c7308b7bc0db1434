package dev.krafla.engine.speculate;

/**
 * Guesses that what followed the last tokens the last time follows them again: "prompt lookup"
 * (Saxena, 2023). No draft model is needed; answers that quote, list or repeat gain most.
 */
public final class NgramDrafter {
  /** Tokens that must match: longest first, as a longer match is right more often. */
  private static final int LONGEST = 4;

  private static final int SHORTEST = 2;

  /** How far back an earlier place is looked for; 2,000 tokens take about a microsecond. */
  private static final int REACH = 8_192;

  private NgramDrafter() {}

  /**
   * Writes up to {@code max} guesses for what follows {@code tokens[0 … numTokens)} to {@code out};
   * returns how many, 0 where the end occurs nowhere before.
   */
  public static int draft(int[] tokens, int numTokens, int max, int[] out) {
    int at = earlier(tokens, numTokens);
    if (at < 0) {
      return 0;
    }
    for (int i = 0; i < max; i++) {
      // A match that overlaps the end is a loop: it goes on with what was just guessed.
      int from = at + i;
      out[i] = from < numTokens ? tokens[from] : out[from - numTokens];
    }
    return max;
  }

  /** Place after the latest earlier occurrence of the longest end; −1 for none. */
  private static int earlier(int[] tokens, int numTokens) {
    int oldest = Math.max(0, numTokens - REACH);
    int found = -1;
    int longest = SHORTEST - 1;
    for (int end = numTokens - 1; end > oldest && longest < LONGEST; end--) {
      int length = common(tokens, end, numTokens, end - oldest);
      if (length > longest) {
        longest = length;
        found = end;
      }
    }
    return found;
  }

  /** Tokens, up to LONGEST, that are the same before {@code a} and before {@code b}. */
  private static int common(int[] tokens, int a, int b, int room) {
    int n = 0;
    while (n < LONGEST && n < room && tokens[a - 1 - n] == tokens[b - 1 - n]) {
      n++;
    }
    return n;
  }
}
