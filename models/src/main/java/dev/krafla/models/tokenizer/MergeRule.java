package dev.krafla.models.tokenizer;

import java.util.Arrays;

/**
 * Which two neighbours may become one token, and how early. Lower ranks go first; among equal ranks
 * the leftmost. Immutable and thread-safe.
 */
sealed interface MergeRule {
  long NONE = -1;

  /**
   * {@code rank << 32 | token} for joining {@code left} and {@code right} (-1: not a token), whose
   * bytes are {@code text[from, to)}; {@code NONE} where they stay apart.
   */
  long join(int left, int right, byte[] text, int from, int to);

  /** Byte-pair encoding proper: a list of merges, best first. */
  record Pairs(LongTable table) implements MergeRule {
    @Override
    public long join(int left, int right, byte[] text, int from, int to) {
      return left < 0 || right < 0 ? NONE : table.get(key(left, right));
    }

    static long key(int left, int right) {
      return (long) left << 32 | right;
    }
  }

  /**
   * SentencePiece's BPE: any two whose joined text is a token, by the token's score (higher first).
   */
  record Scores(Vocabulary vocabulary, int[] ranks) implements MergeRule {
    static Scores of(Vocabulary vocabulary, float[] scores) {
      float[] distinct = scores.clone();
      Arrays.sort(distinct);
      int[] ranks = new int[scores.length];
      for (int id = 0; id < scores.length; id++) {
        // Equal scores share a rank (whichever of them the search lands on would not do).
        int at = lowerBound(distinct, scores[id]);
        ranks[id] = distinct.length - 1 - at;
      }
      return new Scores(vocabulary, ranks);
    }

    private static int lowerBound(float[] sorted, float value) {
      int low = 0;
      int high = sorted.length;
      while (low < high) {
        int mid = (low + high) >>> 1;
        if (sorted[mid] < value) {
          low = mid + 1;
        } else {
          high = mid;
        }
      }
      return low;
    }

    @Override
    public long join(int left, int right, byte[] text, int from, int to) {
      int id = vocabulary.find(text, from, to);
      return id == Vocabulary.ABSENT ? NONE : (long) ranks[id] << 32 | id;
    }
  }
}
