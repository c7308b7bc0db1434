package dev.krafla.engine.constrain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of Unicode scalar values as sorted, disjoint, non-adjacent ranges. Surrogates are never in
 * it: they have no UTF-8 form.
 */
record CharClass(List<Range> ranges) {
  /** Code points {@code lo} to {@code hi}, both included. */
  record Range(int lo, int hi) {}

  private static final int LAST = Character.MAX_CODE_POINT;
  private static final int SURROGATES = Character.MIN_SURROGATE;
  private static final int SURROGATES_END = Character.MAX_SURROGATE;

  /** Every scalar value. */
  static final CharClass ALL = of(0, LAST);

  static final CharClass DIGIT = of('0', '9');
  static final CharClass WORD = ofPairs('0', '9', 'A', 'Z', '_', '_', 'a', 'z');

  /** ECMAScript's {@code \s}. */
  static final CharClass SPACE =
      ofPairs(
          '\t', '\r', ' ', ' ', 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F,
          0x202F, 0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF);

  /** ECMAScript's {@code .}: all but line ends. */
  static final CharClass DOT = ofPairs('\n', '\n', '\r', '\r', 0x2028, 0x2029).negate();

  CharClass {
    ranges = List.copyOf(ranges);
  }

  static CharClass of(int lo, int hi) {
    return union(List.of(new Range(lo, hi)));
  }

  /** Class of ranges given as low, high, low, high… */
  static CharClass ofPairs(int... bounds) {
    var ranges = new ArrayList<Range>();
    for (int i = 0; i < bounds.length; i += 2) {
      ranges.add(new Range(bounds[i], bounds[i + 1]));
    }
    return union(ranges);
  }

  /** Union of ranges in any order. */
  static CharClass union(List<Range> parts) {
    var sorted = new ArrayList<>(parts);
    sorted.sort(Comparator.comparingInt(Range::lo));
    var merged = new ArrayList<Range>();
    for (Range r : sorted) {
      if (!merged.isEmpty() && r.lo() <= merged.getLast().hi() + 1) {
        Range last = merged.removeLast();
        merged.add(new Range(last.lo(), Math.max(last.hi(), r.hi())));
      } else {
        merged.add(r);
      }
    }
    return new CharClass(withoutSurrogates(merged));
  }

  private static List<Range> withoutSurrogates(List<Range> ranges) {
    var kept = new ArrayList<Range>();
    for (Range r : ranges) {
      if (r.lo() < SURROGATES) {
        kept.add(new Range(r.lo(), Math.min(r.hi(), SURROGATES - 1)));
      }
      if (r.hi() > SURROGATES_END) {
        kept.add(new Range(Math.max(r.lo(), SURROGATES_END + 1), r.hi()));
      }
    }
    return kept;
  }

  CharClass or(CharClass other) {
    var all = new ArrayList<>(ranges);
    all.addAll(other.ranges);
    return union(all);
  }

  CharClass negate() {
    var gaps = new ArrayList<Range>();
    int next = 0;
    for (Range r : ranges) {
      if (next < r.lo()) {
        gaps.add(new Range(next, r.lo() - 1));
      }
      next = r.hi() + 1;
    }
    if (next <= LAST) {
      gaps.add(new Range(next, LAST));
    }
    return union(gaps);
  }

  CharClass and(CharClass other) {
    return negate().or(other.negate()).negate();
  }

  CharClass minus(CharClass other) {
    return and(other.negate());
  }

  boolean contains(int c) {
    return ranges.stream().anyMatch(r -> r.lo() <= c && c <= r.hi());
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** The characters of a Unicode general category such as {@code L} or {@code Nd}; null if none. */
  static @Nullable CharClass category(String name) {
    var ranges = new ArrayList<Range>();
    int start = -1;
    for (int c = 0; c <= LAST + 1; c++) {
      boolean in = c <= LAST && categoryOf(c).startsWith(name);
      if (in && start < 0) {
        start = c;
      } else if (!in && start >= 0) {
        ranges.add(new Range(start, c - 1));
        start = -1;
      }
    }
    return ranges.isEmpty() || name.isEmpty() ? null : union(ranges);
  }

  private static String categoryOf(int c) {
    return switch (Character.getType(c)) {
      case Character.UPPERCASE_LETTER -> "Lu";
      case Character.LOWERCASE_LETTER -> "Ll";
      case Character.TITLECASE_LETTER -> "Lt";
      case Character.MODIFIER_LETTER -> "Lm";
      case Character.OTHER_LETTER -> "Lo";
      case Character.NON_SPACING_MARK -> "Mn";
      case Character.ENCLOSING_MARK -> "Me";
      case Character.COMBINING_SPACING_MARK -> "Mc";
      case Character.DECIMAL_DIGIT_NUMBER -> "Nd";
      case Character.LETTER_NUMBER -> "Nl";
      case Character.OTHER_NUMBER -> "No";
      case Character.SPACE_SEPARATOR -> "Zs";
      case Character.LINE_SEPARATOR -> "Zl";
      case Character.PARAGRAPH_SEPARATOR -> "Zp";
      case Character.DASH_PUNCTUATION -> "Pd";
      case Character.START_PUNCTUATION -> "Ps";
      case Character.END_PUNCTUATION -> "Pe";
      case Character.CONNECTOR_PUNCTUATION -> "Pc";
      case Character.OTHER_PUNCTUATION -> "Po";
      case Character.INITIAL_QUOTE_PUNCTUATION -> "Pi";
      case Character.FINAL_QUOTE_PUNCTUATION -> "Pf";
      case Character.MATH_SYMBOL -> "Sm";
      case Character.CURRENCY_SYMBOL -> "Sc";
      case Character.MODIFIER_SYMBOL -> "Sk";
      case Character.OTHER_SYMBOL -> "So";
      case Character.CONTROL -> "Cc";
      case Character.FORMAT -> "Cf";
      default -> "Cn";
    };
  }
}
