package dev.krafla.engine.constrain;

import java.util.List;

/** A regular expression over characters, as a tree. */
sealed interface Regex {
  /** One character of a class. */
  record Chars(CharClass chars) implements Regex {}

  /** All parts, one after the other; none at all is the empty string. */
  record Seq(List<Regex> parts) implements Regex {
    public Seq {
      parts = List.copyOf(parts);
    }
  }

  /** Any one of the branches. */
  record Alt(List<Regex> branches) implements Regex {
    public Alt {
      branches = List.copyOf(branches);
    }
  }

  /** {@code min} to {@code max} times; {@link #UNBOUNDED} for no upper limit. */
  record Repeat(Regex body, int min, int max) implements Regex {}

  /** {@code ^} where {@code start}, else {@code $}. */
  record Anchor(boolean start) implements Regex {}

  int UNBOUNDED = Integer.MAX_VALUE;

  Regex EMPTY = new Seq(List.of());

  /** A literal text. */
  static Regex text(String s) {
    return new Seq(s.codePoints().mapToObj(c -> (Regex) new Chars(CharClass.of(c, c))).toList());
  }
}
