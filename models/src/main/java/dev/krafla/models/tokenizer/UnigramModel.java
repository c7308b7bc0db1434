package dev.krafla.models.tokenizer;

import java.util.Arrays;

/**
 * SentencePiece's Unigram: the cut whose tokens' log probabilities sum highest (Viterbi; Kudo,
 * 2018). A character that no token covers costs {@code unknownScore}.
 */
record UnigramModel(
    Vocabulary vocabulary, float[] scores, float unknownScore, Unknowns unknowns, LongTable trie)
    implements SubwordModel {
  /** The reference's penalty below the least likely token. */
  private static final float UNKNOWN_PENALTY = 10;

  /**
   * @param tokens bytes by id; empty for ids that ordinary text never gives
   */
  static UnigramModel of(
      Vocabulary vocabulary, byte[][] tokens, float[] scores, Unknowns unknowns) {
    float min = 0;
    for (int id = 0; id < tokens.length; id++) {
      if (tokens[id].length > 0) {
        min = Math.min(min, scores[id]);
      }
    }
    return new UnigramModel(vocabulary, scores, min - UNKNOWN_PENALTY, unknowns, trieOf(tokens));
  }

  /** Node 0 is the root; {@code node << 8 | byte} leads to a child. */
  private static LongTable trieOf(byte[][] tokens) {
    var trie = new LongTable(tokens.length * 4);
    int nodes = 1;
    for (byte[] token : tokens) {
      int node = 0;
      for (byte b : token) {
        long child = trie.putIfAbsent(key(node, b), nodes);
        node = child == LongTable.ABSENT ? nodes++ : (int) child;
      }
    }
    return trie;
  }

  private static long key(int node, byte b) {
    return (long) node << 8 | (b & 0xFF);
  }

  @Override
  public Worker worker() {
    return new UnigramWorker();
  }

  private final class UnigramWorker implements Worker {
    private byte[] bytes = new byte[0];
    private double[] best = new double[0];
    private int[] from = new int[0];
    private int[] token = new int[0];

    @Override
    public void encode(String text, int start, int end, IntList out) {
      reserve(Math.multiplyExact(end - start, Utf8.MAX_BYTES_PER_CHAR) + 1);
      int length = Utf8.encode(text, start, end, bytes);
      Arrays.fill(best, 0, length + 1, Double.NEGATIVE_INFINITY);
      best[0] = 0;
      for (int at = 0; at < length; at += Utf8.length(bytes[at])) {
        extend(at, length);
      }
      emit(length, out);
    }

    private void reserve(int capacity) {
      if (bytes.length < capacity) {
        bytes = new byte[capacity];
        best = new double[capacity];
        from = new int[capacity];
        token = new int[capacity];
      }
    }

    /** Offers every token that starts at {@code at}. */
    private void extend(int at, int length) {
      int oneCharacter = at + Utf8.length(bytes[at]);
      boolean covered = false;
      int node = 0;
      for (int i = at; i < length; i++) {
        long child = trie.get(key(node, bytes[i]));
        if (child == LongTable.ABSENT) {
          break;
        }
        node = (int) child;
        int id = vocabulary.find(bytes, at, i + 1);
        if (id != Vocabulary.ABSENT) {
          offer(at, i + 1, id, scores[id]);
          covered |= i + 1 == oneCharacter;
        }
      }
      if (!covered) {
        offer(at, oneCharacter, Vocabulary.ABSENT, unknownScore);
      }
    }

    private void offer(int start, int end, int id, float score) {
      if (best[start] + score > best[end]) {
        best[end] = best[start] + score;
        from[end] = start;
        token[end] = id;
      }
    }

    private void emit(int length, IntList out) {
      var ends = new IntList();
      for (int at = length; at > 0; at = from[at]) {
        ends.add(at);
      }
      int[] backwards = ends.toArray();
      boolean afterUnknown = false;
      for (int i = backwards.length - 1; i >= 0; i--) {
        int end = backwards[i];
        if (token[end] >= 0) {
          out.add(token[end]);
        } else {
          unknowns.append(bytes, from[end], end, afterUnknown, out);
        }
        afterUnknown = token[end] < 0;
      }
    }
  }
}
