package dev.krafla.image.text;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * Where lines may end, and where they do: the fewest lines that fit, then as even as may be.
 * Follows Unicode's line breaking (UAX #14) as far as these scripts need it, with the stricter
 * rules of CJK typography ({@link Kinsoku}).
 */
final class LineBreaker {
  /** Breaks at which are allowed but ugly cost as much as a line that is this share too short. */
  private static final double UGLY = 0.35;

  /** Paragraphs of at most this many lines are balanced as a whole. */
  private static final int BALANCED_LINES = 10;

  private static final byte NO = 0;
  private static final byte YES = 1;
  private static final byte RELUCTANT = 2;
  private static final byte MUST = 3;

  private final List<Cluster> clusters;
  private final byte[] after;
  private final double[] sums; // width of the first i clusters, ems, spacing included

  /** A line: clusters from {@code from} to {@code to}, its trailing spaces not in its width. */
  record Line(int from, int to, double width) {}

  LineBreaker(String text, List<Cluster> clusters, double trackingEm) {
    this.clusters = clusters;
    this.after = opportunities(text, clusters);
    this.sums = new double[clusters.size() + 1];
    for (int i = 0; i < clusters.size(); i++) {
      sums[i + 1] = sums[i] + clusters.get(i).advance() + spacing(i, trackingEm);
    }
  }

  /** What is added after cluster {@code i}, ems: tracking, and air between CJK and Latin. */
  double spacing(int i, double trackingEm) {
    Cluster c = clusters.get(i);
    double extra = Scripts.isJoined(c.last()) ? 0 : trackingEm;
    return i + 1 < clusters.size() ? extra + air(c.last(), clusters.get(i + 1).first()) : extra;
  }

  private static double air(int a, int b) {
    boolean one = ideograph(a) && Scripts.isWord(b);
    boolean other = Scripts.isWord(a) && ideograph(b);
    return one || other ? 0.16 : 0;
  }

  private static boolean ideograph(int c) {
    return Scripts.isCjk(c) && Character.UnicodeScript.of(c) != Character.UnicodeScript.HANGUL;
  }

  private static byte[] opportunities(String text, List<Cluster> clusters) {
    byte[] after = new byte[clusters.size()];
    BitSet words = dictionary(text);
    for (int i = 0; i + 1 < clusters.size(); i++) {
      Cluster a = clusters.get(i);
      Cluster b = clusters.get(i + 1);
      after[i] =
          words.get(b.from()) && Scripts.isDictionaryBroken(b.first())
              ? YES
              : between(i == 0 ? ' ' : clusters.get(i - 1).last(), a.last(), b.first());
    }
    if (after.length > 0) {
      after[after.length - 1] = MUST;
    }
    return after;
  }

  private static BitSet dictionary(String text) {
    var at = new BitSet();
    if (text.codePoints().anyMatch(Scripts::isDictionaryBroken)) {
      BreakIterator it = BreakIterator.getLineInstance(Locale.forLanguageTag("th"));
      it.setText(text);
      for (int i = it.first(); i != BreakIterator.DONE; i = it.next()) {
        at.set(i);
      }
    }
    return at;
  }

  private static byte between(int before, int a, int b) {
    if (a == '\n') {
      return MUST;
    }
    if (b == '\n' || a == 0xA0 || b == 0xA0 || b == 0x2060 || a == 0x2060) {
      return NO;
    }
    boolean space = Character.isWhitespace(a);
    if (Character.isWhitespace(b)) {
      return NO; // spaces hang at the end of the line before
    }
    if (Kinsoku.forbiddenAtStart(b) && !(space && hyphen(b))) {
      return NO;
    }
    if (space) {
      // "$ 5", "( a": what opens stays with what follows even over a space
      return Kinsoku.forbiddenAtEnd(before)
          ? NO
          : hyphen(b) ? NO : hyphen(before) ? RELUCTANT : YES;
    }
    if (Kinsoku.forbiddenAtEnd(a) || Kinsoku.inseparable(a, b)) {
      return NO;
    }
    boolean wide = Scripts.isCjk(a) || Scripts.isWidePunctuation(a) || emoji(a);
    boolean wideNext = Scripts.isCjk(b) || Scripts.isWidePunctuation(b) || emoji(b);
    if (wide && wideNext) {
      return YES;
    }
    if (wide || wideNext) {
      boolean number = Character.isDigit(a) || Character.isDigit(b);
      boolean quote = b == '"' || b == '\'' || a == '"' || a == '\'';
      return quote ? NO : number ? RELUCTANT : YES;
    }
    if (a == '—' || a == '…' || (Scripts.isAmbiguous(a) && Scripts.isCjk(b))) {
      return YES;
    }
    boolean joint = (a == '-' || a == '–' || a == '/') && Character.isLetter(before);
    return joint && Character.isLetter(b) ? RELUCTANT : NO;
  }

  private static boolean hyphen(int c) {
    return c == '-' || c == '–' || c == '—';
  }

  private static boolean emoji(int c) {
    return Character.isEmojiPresentation(c);
  }

  /** Width of the widest piece that cannot be broken, ems. */
  double widestWord() {
    double widest = 0;
    int from = 0;
    for (int i = 0; i < after.length; i++) {
      if (after[i] != NO) {
        widest = Math.max(widest, width(from, i + 1));
        from = i + 1;
      }
    }
    return widest;
  }

  /** Width of the longest paragraph on one line, ems. */
  double widestParagraph() {
    double widest = 0;
    int from = 0;
    for (int i = 0; i < after.length; i++) {
      if (after[i] == MUST) {
        widest = Math.max(widest, width(from, i + 1));
        from = i + 1;
      }
    }
    return widest;
  }

  /** Width of clusters without the spaces at their end and the tracking after the last one. */
  private double width(int from, int to) {
    int end = to;
    while (end > from && clusters.get(end - 1).isSpace()) {
      end--;
    }
    return end <= from ? 0 : sums[end - 1] - sums[from] + clusters.get(end - 1).advance();
  }

  /** How many lines of at most {@code ems} there are; −1 where a piece is wider. */
  int count(double ems) {
    int lines = 0;
    int from = 0;
    while (from < after.length) {
      int to = greedy(from, ems);
      if (to < 0) {
        return -1;
      }
      lines++;
      from = to;
    }
    return lines;
  }

  private int greedy(int from, double ems) {
    int best = -1;
    for (int i = from; i < after.length; i++) {
      if (after[i] == NO) {
        continue;
      }
      if (width(from, i + 1) > ems + 1e-6) {
        break;
      }
      best = i + 1;
      if (after[i] == MUST) {
        break;
      }
    }
    return best;
  }

  /**
   * Lines of at most {@code ems}: as few as there can be, and even.
   *
   * @return empty where a piece is wider than that
   */
  List<Line> lines(double ems) {
    int fewest = count(ems);
    if (fewest < 0) {
      return List.of();
    }
    double even = ems;
    if (fewest > 1 && fewest <= BALANCED_LINES) {
      double low = 0;
      for (int step = 0; step < 20; step++) { // the narrowest column with as many lines
        double middle = (low + even) / 2;
        if (count(middle) == fewest) {
          even = middle;
        } else {
          low = middle;
        }
      }
    }
    List<Line> lines = best(Math.min(ems, even * 1.06), even);
    return lines.size() <= fewest ? lines : best(even, even);
  }

  /** Least sum of squared slack against {@code target}, with a price for ugly breaks. */
  private List<Line> best(double limit, double target) {
    int n = after.length;
    double[] cost = new double[n + 1];
    int[] previous = new int[n + 1];
    java.util.Arrays.fill(cost, Double.POSITIVE_INFINITY);
    cost[0] = 0;
    for (int from = 0; from < n; from++) {
      if (Double.isInfinite(cost[from])) {
        continue;
      }
      for (int i = from; i < n; i++) {
        if (after[i] == NO) {
          continue;
        }
        double width = width(from, i + 1);
        if (width > limit + 1e-6) {
          break;
        }
        double slack = (target - width) / target;
        boolean last = i == n - 1;
        double price =
            cost[from]
                + slack * slack * (last ? 0.5 : 1)
                + (after[i] == RELUCTANT ? UGLY : 0)
                + 0.02;
        if (price < cost[i + 1]) {
          cost[i + 1] = price;
          previous[i + 1] = from;
        }
        if (after[i] == MUST) {
          break;
        }
      }
    }
    var lines = new ArrayList<Line>();
    for (int end = n; end > 0; end = previous[end]) {
      if (Double.isInfinite(cost[end])) {
        return List.of();
      }
      lines.add(new Line(previous[end], end, width(previous[end], end)));
    }
    return lines.reversed();
  }
}
