package dev.krafla.models.tokenizer;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts text into pieces that tokens never cross ("pre-tokenizer"). Immutable and thread-safe; what
 * {@link #on} gives is for one thread.
 */
sealed interface Splitter {
  /** Takes a part of the text. */
  @FunctionalInterface
  interface Span {
    void accept(int from, int to);
  }

  /** A cutter of spans of {@code text}, which hands the pieces to {@code next} in order. */
  Span on(String text, Span next);

  /** What becomes of the text that a pattern matches; the names are those of {@code tokenizers}. */
  enum Behavior {
    REMOVED,
    ISOLATED,
    MERGED_WITH_PREVIOUS,
    MERGED_WITH_NEXT,
    CONTIGUOUS
  }

  /**
   * Cuts by a regular expression; with {@code invert} the text between the matches counts as
   * matched.
   */
  record Regex(Pattern pattern, Behavior behavior, boolean invert) implements Splitter {
    @Override
    public Span on(String text, Span next) {
      Matcher matcher = pattern.matcher(text);
      if (behavior == Behavior.ISOLATED) {
        return (from, to) -> isolate(matcher, from, to, next);
      }
      return (from, to) -> {
        var pieces = new Pieces(behavior, next);
        walk(matcher, from, to, pieces);
        pieces.end();
      };
    }

    private static void isolate(Matcher matcher, int from, int to, Span next) {
      int at = from;
      matcher.region(from, to);
      while (matcher.find()) {
        if (matcher.start() > at) {
          next.accept(at, matcher.start());
        }
        if (matcher.end() > matcher.start()) {
          next.accept(matcher.start(), matcher.end());
        }
        at = matcher.end();
      }
      if (at < to) {
        next.accept(at, to);
      }
    }

    private void walk(Matcher matcher, int from, int to, Pieces pieces) {
      int at = from;
      matcher.region(from, to);
      while (matcher.find()) {
        pieces.add(at, matcher.start(), invert);
        pieces.add(matcher.start(), matcher.end(), !invert);
        at = matcher.end();
      }
      pieces.add(at, to, invert);
    }
  }

  /** Joins matched and unmatched parts as a {@link Behavior} says. */
  final class Pieces {
    private final Behavior behavior;
    private final Span next;
    private int start = -1;
    private int end;
    private boolean lastMatched;

    private Pieces(Behavior behavior, Span next) {
      this.behavior = behavior;
      this.next = next;
    }

    private void add(int from, int to, boolean matched) {
      if (from == to) {
        return;
      }
      boolean joins =
          start >= 0
              && switch (behavior) {
                case REMOVED, ISOLATED -> false;
                case MERGED_WITH_PREVIOUS -> matched && !lastMatched;
                case MERGED_WITH_NEXT -> !matched && lastMatched;
                case CONTIGUOUS -> matched == lastMatched;
              };
      if (!joins) {
        end();
        start = from;
      }
      end = to;
      lastMatched = matched;
      if (matched && behavior == Behavior.REMOVED) {
        start = -1;
      }
    }

    private void end() {
      if (start >= 0) {
        next.accept(start, end);
      }
      start = -1;
    }
  }

  /**
   * Cuts before every "▁" that follows another character: right where no token crosses such a
   * place, and far quicker than merging a whole text as one word.
   */
  record WordStarts() implements Splitter {
    static final char SPACE = '▁';

    @Override
    public Span on(String text, Span next) {
      return (from, to) -> {
        int start = from;
        for (int i = from + 1; i < to; i++) {
          if (text.charAt(i) == SPACE && text.charAt(i - 1) != SPACE) {
            next.accept(start, i);
            start = i;
          }
        }
        next.accept(start, to);
      };
    }

    /** Whether {@code token} crosses a place where this cuts. */
    static boolean crossedBy(String token) {
      for (int i = 1; i < token.length(); i++) {
        if (token.charAt(i) == SPACE && token.charAt(i - 1) != SPACE) {
          return true;
        }
      }
      return false;
    }
  }

  /** One after the other, each on the pieces of the one before. */
  record Sequence(List<Splitter> steps) implements Splitter {
    public Sequence {
      steps = List.copyOf(steps);
    }

    @Override
    public Span on(String text, Span next) {
      Span span = next;
      for (Splitter step : steps.reversed()) {
        span = step.on(text, span);
      }
      return span;
    }
  }
}
