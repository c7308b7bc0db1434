package dev.krafla.engine.constrain;

import java.util.Arrays;
import java.util.List;

/**
 * Tokens as a trie of their bytes, laid out depth first so that a walk reads memory in order and a
 * branch is skipped by one jump. Immutable.
 */
final class TokenTrie {
  /** A token with its text. */
  record Token(int id, byte[] bytes) {}

  private final byte[] label; // by node: its last byte
  private final int[] depth; // by node, from 1
  private final int[] skip; // by node: first node that is not below it
  private final int[] firstToken; // by node, one more at the end: into ids
  private final int[] ids;
  private final int maxDepth;

  TokenTrie(List<Token> tokens) {
    Token[] sorted = tokens.toArray(Token[]::new);
    Arrays.sort(sorted, (a, b) -> Arrays.compareUnsigned(a.bytes, b.bytes));
    ids = Arrays.stream(sorted).mapToInt(Token::id).toArray();
    int nodes = countNodes(sorted);
    label = new byte[nodes];
    depth = new int[nodes];
    skip = new int[nodes];
    firstToken = new int[nodes + 1];
    maxDepth = Arrays.stream(sorted).mapToInt(t -> t.bytes.length).max().orElse(0);
    fill(sorted);
  }

  private static int shared(Token[] sorted, int i) {
    int mismatch = i == 0 ? 0 : Arrays.mismatch(sorted[i - 1].bytes, sorted[i].bytes);
    return mismatch < 0 ? sorted[i].bytes.length : mismatch;
  }

  private static int countNodes(Token[] sorted) {
    int nodes = 0;
    for (int i = 0; i < sorted.length; i++) {
      nodes += sorted[i].bytes.length - shared(sorted, i);
    }
    return nodes;
  }

  private void fill(Token[] sorted) {
    int[] open = new int[maxDepth + 1]; // node at each depth on the current path
    int openDepth = 0;
    int node = 0;
    for (int i = 0; i < sorted.length; i++) {
      byte[] bytes = sorted[i].bytes;
      int keep = shared(sorted, i);
      for (; openDepth > keep; openDepth--) {
        skip[open[openDepth]] = node;
      }
      while (openDepth < bytes.length) {
        label[node] = bytes[openDepth];
        depth[node] = ++openDepth;
        open[openDepth] = node;
        firstToken[node] = i;
        node++;
      }
    }
    for (; openDepth > 0; openDepth--) {
      skip[open[openDepth]] = node;
    }
    firstToken[node] = sorted.length;
  }

  /**
   * Sets the bit of every token whose bytes {@code automaton} can read from {@code start}. Stops
   * early, with some found, where the automaton has worked past {@code workLimit}.
   */
  void walk(Automaton automaton, Automaton.State start, long workLimit, long[] bits) {
    Automaton.State[] path = new Automaton.State[maxDepth + 1];
    path[0] = start;
    boolean found = false;
    int node = 0;
    while (node < label.length) {
      int d = depth[node];
      Automaton.State s = automaton.step(path[d - 1], label[node] & 0xFF);
      if (s == Automaton.DEAD) {
        node = skip[node];
        continue;
      }
      path[d] = s;
      for (int t = firstToken[node]; t < firstToken[node + 1]; t++) {
        bits[ids[t] >> 6] |= 1L << ids[t];
        found = true;
      }
      if (found && automaton.work() > workLimit) {
        return;
      }
      node++;
    }
  }
}
