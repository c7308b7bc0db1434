package dev.krafla.models.output;

import java.util.List;

/** Reads one of some fixed words from where it stands. Not thread-safe. */
final class Literals {
  /** What a character makes of the word. */
  enum Match {
    PART,
    WHOLE,
    NONE
  }

  private final List<String> words;
  private final StringBuilder read = new StringBuilder();

  /**
   * @param words none the beginning of another
   */
  Literals(String... words) {
    this.words = List.of(words);
  }

  /** Takes the next character; a new word begins after {@link Match#WHOLE}. */
  Match accept(char c) {
    if (words.contains(read.toString())) {
      read.setLength(0);
    }
    read.append(c);
    String word = read.toString();
    if (words.contains(word)) {
      return Match.WHOLE;
    }
    return words.stream().anyMatch(w -> w.startsWith(word)) ? Match.PART : Match.NONE;
  }

  /** Whether a word has begun and is not complete. */
  boolean isInside() {
    return !read.isEmpty() && !words.contains(read.toString());
  }

  /** The word as far as it was read. */
  String word() {
    return read.toString();
  }
}
