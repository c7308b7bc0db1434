package dev.krafla.models.tokenizer;

import java.util.List;

/**
 * Finds tokens that are matched in the text itself before it is cut: control tokens and tokens
 * added by hand. Leftmost first, the longest of those. Immutable and thread-safe.
 */
final class AddedTokens {
  private final LongTable trie; // node << 16 | char → node
  private final int[] tokenAt; // by node: index in tokens, or -1
  private final List<AddedToken> tokens;

  AddedTokens(List<AddedToken> tokens) {
    this.tokens = List.copyOf(tokens);
    int nodes = 1;
    for (AddedToken token : tokens) {
      nodes += token.text().length();
    }
    trie = new LongTable(nodes);
    tokenAt = new int[nodes];
    java.util.Arrays.fill(tokenAt, -1);
    int used = 1;
    for (int t = 0; t < tokens.size(); t++) {
      String text = tokens.get(t).text();
      int node = 0;
      for (int i = 0; i < text.length(); i++) {
        long child = trie.putIfAbsent(key(node, text.charAt(i)), used);
        node = child == LongTable.ABSENT ? used++ : (int) child;
      }
      if (node != 0 && tokenAt[node] < 0) {
        tokenAt[node] = t;
      }
    }
  }

  /** A match: {@code token} covers {@code text[from, to)}, stripped white space included. */
  record Match(AddedToken token, int from, int to) {}

  boolean isEmpty() {
    return tokens.isEmpty();
  }

  /**
   * Walks {@code text} and hands over what lies between matches and the matches, in order.
   *
   * @param withControl whether control tokens count
   */
  void split(String text, boolean withControl, Visitor visitor) {
    int done = 0;
    int at = 0;
    while (at < text.length()) {
      int found = longestAt(text, at, withControl);
      if (found < 0) {
        at++;
        continue;
      }
      AddedToken token = tokens.get(found);
      int from = at;
      int to = at + token.text().length();
      if (token.singleWord() && touchesWord(text, from, to)) {
        at = to;
        continue;
      }
      while (token.stripLeft() && from > done && Character.isWhitespace(text.charAt(from - 1))) {
        from--;
      }
      while (token.stripRight() && to < text.length() && Character.isWhitespace(text.charAt(to))) {
        to++;
      }
      if (from > done) {
        visitor.text(text.substring(done, from), done == 0);
      }
      visitor.token(token);
      done = to;
      at = to;
    }
    if (done < text.length()) {
      visitor.text(done == 0 ? text : text.substring(done), done == 0);
    }
  }

  /** Takes what {@link #split} finds. */
  interface Visitor {
    void text(String text, boolean first);

    void token(AddedToken token);
  }

  private int longestAt(String text, int at, boolean withControl) {
    int node = 0;
    int found = -1;
    for (int i = at; i < text.length(); i++) {
      long child = trie.get(key(node, text.charAt(i)));
      if (child == LongTable.ABSENT) {
        break;
      }
      node = (int) child;
      int token = tokenAt[node];
      if (token >= 0 && (withControl || !tokens.get(token).control())) {
        found = token;
      }
    }
    return found;
  }

  private static boolean touchesWord(String text, int from, int to) {
    return (from > 0 && isWord(text.codePointBefore(from)))
        || (to < text.length() && isWord(text.codePointAt(to)));
  }

  private static boolean isWord(int codePoint) {
    return Character.isLetterOrDigit(codePoint) || codePoint == '_';
  }

  private static long key(int node, char c) {
    return (long) node << 16 | c;
  }
}
