package dev.krafla.models.tokenizer;

/**
 * Byte-pair encoding, over bytes (GPT-2 and most since) or over characters (SentencePiece).
 *
 * @param overBytes whether a word starts as bytes or as characters
 * @param ignoreMerges a word that is a token is that token, whatever the merges say
 * @param reachable by token: whether merging its own bytes gives it back; unknown (0) until asked.
 *     Racing threads write the same answer.
 */
record BpeModel(
    Vocabulary vocabulary,
    MergeRule rule,
    Unknowns unknowns,
    boolean overBytes,
    boolean ignoreMerges,
    byte[] reachable)
    implements SubwordModel {
  private static final byte YES = 1;
  private static final byte NO = 2;

  BpeModel(
      Vocabulary vocabulary,
      MergeRule rule,
      Unknowns unknowns,
      boolean overBytes,
      boolean ignoreMerges) {
    this(vocabulary, rule, unknowns, overBytes, ignoreMerges, new byte[vocabulary.size()]);
  }

  @Override
  public Worker worker() {
    return new BpeWorker();
  }

  private final class BpeWorker implements Worker {
    private static final int INITIAL_BYTES = 1024;

    private final Merger merger = new Merger(rule);
    private byte[] bytes = new byte[INITIAL_BYTES];

    @Override
    public void encode(String text, int from, int to, IntList out) {
      if ((to - from) * (long) Utf8.MAX_BYTES_PER_CHAR > bytes.length) {
        bytes = new byte[Math.multiplyExact(to - from, Utf8.MAX_BYTES_PER_CHAR)];
      }
      int length = Utf8.encode(text, from, to, bytes);
      int whole = vocabulary.find(bytes, 0, length);
      if (whole != Vocabulary.ABSENT && isItself(whole, length)) {
        out.add(whole);
        return;
      }
      mergeWord(length);
      emit(out);
    }

    private boolean isItself(int token, int length) {
      if (ignoreMerges || reachable[token] == YES) {
        return true;
      }
      if (reachable[token] == NO) {
        return false;
      }
      mergeWord(length);
      boolean yes = merger.after(0) < 0 && merger.id(0) == token;
      reachable[token] = yes ? YES : NO;
      return yes;
    }

    private void mergeWord(int length) {
      merger.begin(bytes);
      for (int at = 0; at < length; ) {
        int end = overBytes ? at + 1 : at + Utf8.length(bytes[at]);
        merger.add(vocabulary.find(bytes, at, end), at, end);
        at = end;
      }
      merger.merge();
    }

    private void emit(IntList out) {
      boolean afterUnknown = false;
      for (int s = merger.size() > 0 ? 0 : -1; s >= 0; s = merger.after(s)) {
        int id = merger.id(s);
        if (id >= 0) {
          out.add(id);
        } else {
          unknowns.append(bytes, merger.start(s), merger.end(s), afterUnknown, out);
        }
        afterUnknown = id < 0;
      }
    }
  }
}
