package dev.krafla.engine.constrain;

import dev.krafla.models.Tokenizer;
import java.util.ArrayList;

/**
 * A tokenizer's tokens, made ready for walks. Tokens of characters that JSON strings need not
 * escape are by far the most; where such a run is allowed anyway they are taken as a whole, and
 * only the others are walked. Immutable and thread-safe.
 */
final class Vocabulary {
  /** Longest plain token, in characters, that is taken without a walk. */
  private static final int PLAIN_RUN = 16;

  /**
   * Edges a single walk may look at: some hundred milliseconds of the engine's thread on a busy
   * machine, met by pathological patterns only.
   */
  private static final long WALK_WORK = 2_000_000;

  private final byte[][] bytes; // by token; empty for those that are never allowed
  private final int[] ends;
  private final TokenTrie plain;
  private final TokenTrie others;
  private final long[] plainBits;

  Vocabulary(Tokenizer tokenizer) {
    int size = tokenizer.vocabSize();
    bytes = new byte[size][];
    plainBits = new long[(size + 63) >> 6];
    ends = tokenizer.endTokens().stream().mapToInt(Integer::intValue).sorted().toArray();
    var plainTokens = new ArrayList<TokenTrie.Token>();
    var otherTokens = new ArrayList<TokenTrie.Token>();
    for (int id = 0; id < size; id++) {
      boolean text = !tokenizer.isSpecial(id) && !tokenizer.endTokens().contains(id);
      bytes[id] = text ? tokenizer.tokenBytes(id, false) : new byte[0];
      if (bytes[id].length > 0) {
        boolean isPlain = isPlain(bytes[id]);
        (isPlain ? plainTokens : otherTokens).add(new TokenTrie.Token(id, bytes[id]));
        if (isPlain) {
          plainBits[id >> 6] |= 1L << id;
        }
      }
    }
    plain = new TokenTrie(plainTokens);
    others = new TokenTrie(otherTokens);
  }

  /**
   * Whether {@code text} is up to {@link #PLAIN_RUN} whole characters, none of them to be escaped.
   */
  private static boolean isPlain(byte[] text) {
    int chars = 0;
    for (int i = 0; i < text.length; chars++) {
      int length = sequenceLength(text[i] & 0xFF);
      if (length == 0 || i + length > text.length) {
        return false;
      }
      for (int j = 1; j < length; j++) {
        if ((text[i + j] & 0xC0) != 0x80) {
          return false;
        }
      }
      if (length > 2 && isIrregular(text[i] & 0xFF, text[i + 1] & 0xFF)) {
        return false;
      }
      i += length;
    }
    return chars <= PLAIN_RUN;
  }

  /**
   * Bytes of the sequence that {@code first} begins; 0 for what may not begin one or needs escape.
   */
  private static int sequenceLength(int first) {
    if (first < 0x80) {
      return first < 0x20 || first == '"' || first == '\\' ? 0 : 1;
    }
    if (first < 0xC2) {
      return 0;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  }

  /** Overlong forms, surrogates and what lies beyond U+10FFFF. */
  private static boolean isIrregular(int first, int second) {
    return (first == 0xE0 && second < 0xA0)
        || (first == 0xED && second >= 0xA0)
        || (first == 0xF0 && second < 0x90)
        || (first == 0xF4 && second >= 0x90);
  }

  byte[] bytes(int token) {
    return bytes[token];
  }

  /** Tokens that end an answer. */
  int[] ends() {
    return ends;
  }

  boolean isEnd(int token) {
    for (int end : ends) {
      if (end == token) {
        return true;
      }
    }
    return false;
  }

  /** The tokens that {@code automaton} can read from {@code state}. */
  TokenSet allowed(Automaton automaton, Automaton.State state) {
    long[] bits = new long[plainBits.length];
    long limit = automaton.work() + WALK_WORK;
    if (state.plainRun() >= PLAIN_RUN) {
      System.arraycopy(plainBits, 0, bits, 0, bits.length);
    } else {
      plain.walk(automaton, state, limit, bits);
    }
    others.walk(automaton, state, limit, bits);
    return TokenSet.of(bits);
  }
}
