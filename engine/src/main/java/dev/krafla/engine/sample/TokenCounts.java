package dev.krafla.engine.sample;

import java.util.Arrays;

/**
 * Which tokens a sequence holds and how often they were drawn: what the penalties ask for. The
 * distinct tokens lie in order of first occurrence; a hash table finds them.
 */
public final class TokenCounts {
  private int[] tokens = new int[64];
  private int[] drawn = new int[64];
  private int[] table = new int[256]; // index + 1 into tokens, 0 for none
  private int size;

  /** Distinct tokens. */
  public int size() {
    return size;
  }

  /** The {@code i}-th distinct token. */
  public int token(int i) {
    return tokens[i];
  }

  /** How often the {@code i}-th distinct token was drawn; 0 when it is in the prompt only. */
  public int drawn(int i) {
    return drawn[i];
  }

  /** Notes tokens of the prompt. */
  public void addPrompt(int[] prompt) {
    for (int token : prompt) {
      indexOf(token);
    }
  }

  /** Notes a drawn token. */
  public void addDrawn(int token) {
    int i = indexOf(token); // may replace the array
    drawn[i]++;
  }

  /** An independent copy, for an answer that branches off. */
  public TokenCounts copy() {
    var copy = new TokenCounts();
    copy.tokens = tokens.clone();
    copy.drawn = drawn.clone();
    copy.table = table.clone();
    copy.size = size;
    return copy;
  }

  private int indexOf(int token) {
    int slot = slot(token);
    if (table[slot] != 0) {
      return table[slot] - 1;
    }
    if (size == tokens.length) {
      grow();
      slot = slot(token);
    }
    tokens[size] = token;
    table[slot] = ++size;
    return size - 1;
  }

  private int slot(int token) {
    int mask = table.length - 1;
    int i = ((token * 0x9E3779B9) >>> 7) & mask;
    while (table[i] != 0 && tokens[table[i] - 1] != token) {
      i = (i + 1) & mask;
    }
    return i;
  }

  private void grow() {
    tokens = Arrays.copyOf(tokens, 2 * size);
    drawn = Arrays.copyOf(drawn, 2 * size);
    table = new int[8 * size];
    for (int i = 0; i < size; i++) {
      table[slot(tokens[i])] = i + 1;
    }
  }
}
