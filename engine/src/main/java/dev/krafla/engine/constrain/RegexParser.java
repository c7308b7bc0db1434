package dev.krafla.engine.constrain;

import dev.krafla.engine.InvalidRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the part of ECMAScript's regular expressions that is regular: classes, groups, alternation,
 * counted repetition, anchors at the ends. Whatever else is refused by name.
 */
final class RegexParser {
  private static final int MAX_NESTING = 200;
  private static final int MAX_LENGTH = 20_000;

  /** Longest counted repetition. */
  static final int MAX_COUNT = 10_000;

  private final String source;
  private int at;
  private int nesting;

  private RegexParser(String source) {
    this.source = source;
  }

  /**
   * The expression that the whole text must match; anchors at its ends are taken away.
   *
   * @throws InvalidRequest when the pattern is malformed or not regular
   */
  static Regex parseWhole(String pattern) {
    return parse(pattern, false);
  }

  /**
   * The expression that matches whole texts in which {@code pattern} is found somewhere, as JSON
   * schema has it.
   */
  static Regex parseSearch(String pattern) {
    return parse(pattern, true);
  }

  private static Regex parse(String pattern, boolean search) {
    if (pattern.length() > MAX_LENGTH) {
      throw new InvalidRequest(
          "response_format",
          "the pattern has %d characters; the limit is %d".formatted(pattern.length(), MAX_LENGTH));
    }
    var parser = new RegexParser(pattern);
    Regex tree = parser.alternation();
    if (parser.at < pattern.length()) {
      throw parser.refuse("unmatched ')'");
    }
    Regex open = new Regex.Repeat(new Regex.Chars(CharClass.ALL), 0, Regex.UNBOUNDED);
    return parser.unanchored(tree, search ? open : Regex.EMPTY, search ? open : Regex.EMPTY);
  }

  /**
   * Replaces the anchors at the ends by nothing, and absent ones by {@code before}/{@code after}.
   */
  private Regex unanchored(Regex tree, Regex before, Regex after) {
    if (tree instanceof Regex.Alt(var branches)) {
      return new Regex.Alt(branches.stream().map(b -> unanchored(b, before, after)).toList());
    }
    var parts = new ArrayList<>(tree instanceof Regex.Seq(var p) ? p : List.of(tree));
    Regex start = before;
    Regex end = after;
    while (!parts.isEmpty() && parts.getFirst() instanceof Regex.Anchor(boolean s) && s) {
      parts.removeFirst();
      start = Regex.EMPTY;
    }
    while (!parts.isEmpty() && parts.getLast() instanceof Regex.Anchor(boolean s) && !s) {
      parts.removeLast();
      end = Regex.EMPTY;
    }
    if (parts.size() == 1 && parts.getFirst() instanceof Regex.Alt alt && hasAnchor(alt)) {
      return unanchored(alt, start, end); // (^a|b$): the group is the whole expression
    }
    for (Regex part : parts) {
      if (hasAnchor(part)) {
        throw refuse("an anchor (^ or $) inside the pattern; anchors are taken at its ends only");
      }
    }
    parts.addFirst(start);
    parts.addLast(end);
    return new Regex.Seq(parts);
  }

  private static boolean hasAnchor(Regex r) {
    return switch (r) {
      case Regex.Anchor _ -> true;
      case Regex.Chars _ -> false;
      case Regex.Seq(var parts) -> parts.stream().anyMatch(RegexParser::hasAnchor);
      case Regex.Alt(var branches) -> branches.stream().anyMatch(RegexParser::hasAnchor);
      case Regex.Repeat(Regex body, int _, int _) -> hasAnchor(body);
    };
  }

  private Regex alternation() {
    if (++nesting > MAX_NESTING) {
      throw refuse("groups nested deeper than " + MAX_NESTING);
    }
    var branches = new ArrayList<Regex>();
    do {
      branches.add(sequence());
    } while (take('|'));
    nesting--;
    return branches.size() == 1 ? branches.getFirst() : new Regex.Alt(branches);
  }

  private Regex sequence() {
    var parts = new ArrayList<Regex>();
    while (at < source.length() && peek() != '|' && peek() != ')') {
      parts.add(quantified(atom()));
    }
    return parts.size() == 1 ? parts.getFirst() : new Regex.Seq(parts);
  }

  private Regex quantified(Regex atom) {
    int[] bounds = quantifier();
    if (bounds == null) {
      return atom;
    }
    if (hasAnchor(atom)) {
      throw refuse("a repeated anchor");
    }
    if (!take('?') && peek() == '+') { // lazy ones have the same language
      throw refuse("a possessive quantifier");
    }
    if (quantifier() != null) {
      throw refuse("a quantifier on a quantifier");
    }
    return new Regex.Repeat(atom, bounds[0], bounds[1]);
  }

  private int @Nullable [] quantifier() {
    if (take('*')) {
      return new int[] {0, Regex.UNBOUNDED};
    }
    if (take('+')) {
      return new int[] {1, Regex.UNBOUNDED};
    }
    if (take('?')) {
      return new int[] {0, 1};
    }
    return peek() == '{' ? counted() : null;
  }

  private int @Nullable [] counted() {
    int brace = at++;
    int min = number();
    int max = min;
    if (take(',')) {
      max = peek() == '}' ? Regex.UNBOUNDED : number();
    }
    if (min < 0 || max < 0 || !take('}')) {
      at = brace; // a literal brace, as ECMAScript has it outside of unicode mode
      return null;
    }
    if (max < min) {
      throw refuse("a repetition {%d,%d} with its bounds out of order".formatted(min, max));
    }
    return new int[] {min, max};
  }

  /** A decimal number, or -1 where none stands. */
  private int number() {
    int start = at;
    long value = 0;
    while (at < source.length() && peek() >= '0' && peek() <= '9') {
      value = value * 10 + (source.charAt(at++) - '0');
      if (value > MAX_COUNT) {
        throw refuse("a repetition of more than %d".formatted(MAX_COUNT));
      }
    }
    return at == start ? -1 : (int) value;
  }

  private Regex atom() {
    int c = next();
    return switch (c) {
      case '(' -> group();
      case '[' -> new Regex.Chars(bracket());
      case '.' -> new Regex.Chars(CharClass.DOT);
      case '^' -> new Regex.Anchor(true);
      case '$' -> new Regex.Anchor(false);
      case '*', '+', '?' -> throw refuse("a quantifier with nothing before it");
      case '\\' -> new Regex.Chars(escape(false));
      default -> new Regex.Chars(CharClass.of(c, c));
    };
  }

  private Regex group() {
    if (take('?')) {
      if (take('P')) {
        if (at >= source.length() || peek() != '<') {
          throw refuse("a backreference (?P…)");
        }
        groupName();
      } else if (at < source.length() && peek() == '<') {
        if (at + 1 < source.length()
            && (source.charAt(at + 1) == '=' || source.charAt(at + 1) == '!')) {
          throw refuse("a lookbehind (?<…)");
        }
        groupName();
      } else if (at < source.length() && (peek() == '=' || peek() == '!')) {
        throw refuse("a lookahead (?" + (char) peek() + "…)");
      } else if (!take(':')) {
        throw refuse("inline flags or an unknown group (?…)");
      }
    }
    Regex body = alternation();
    if (!take(')')) {
      throw refuse("unmatched '('");
    }
    return body;
  }

  private void groupName() {
    int close = source.indexOf('>', at);
    if (close < 0) {
      throw refuse("a group name without '>'");
    }
    at = close + 1;
  }

  private CharClass bracket() {
    boolean negated = take('^');
    var ranges = new ArrayList<CharClass.Range>();
    while (true) {
      if (at >= source.length()) {
        throw refuse("unmatched '['");
      }
      if (take(']')) {
        break;
      }
      CharClass low = classAtom();
      if (at + 1 < source.length() && peek() == '-' && source.charAt(at + 1) != ']') {
        at++;
        ranges.add(new CharClass.Range(single(low), single(classAtom())));
        if (ranges.getLast().lo() > ranges.getLast().hi()) {
          throw refuse("a range in brackets that is out of order");
        }
      } else {
        ranges.addAll(low.ranges());
      }
    }
    CharClass all = CharClass.union(ranges);
    return negated ? all.negate() : all;
  }

  private CharClass classAtom() {
    int c = next();
    return c == '\\' ? escape(true) : CharClass.of(c, c);
  }

  private int single(CharClass c) {
    if (c.ranges().size() != 1 || c.ranges().getFirst().lo() != c.ranges().getFirst().hi()) {
      throw refuse("a range in brackets with a class at its end");
    }
    return c.ranges().getFirst().lo();
  }

  private CharClass escape(boolean inBrackets) {
    int c = next();
    return switch (c) {
      case 'd' -> CharClass.DIGIT;
      case 'D' -> CharClass.DIGIT.negate();
      case 'w' -> CharClass.WORD;
      case 'W' -> CharClass.WORD.negate();
      case 's' -> CharClass.SPACE;
      case 'S' -> CharClass.SPACE.negate();
      case 't' -> one('\t');
      case 'n' -> one('\n');
      case 'r' -> one('\r');
      case 'f' -> one('\f');
      case 'v' -> one(0x0B);
      case '0' -> one(0);
      case 'x' -> one(hex(2));
      case 'u' -> unicode();
      case 'p' -> category(false);
      case 'P' -> category(true);
      case 'b' -> {
        if (inBrackets) {
          yield one('\b');
        }
        throw refuse("a word boundary \\b");
      }
      case 'B' -> throw refuse("a word boundary \\B");
      default -> {
        if ((c >= '1' && c <= '9') || c == 'k') {
          throw refuse("a backreference \\" + (char) c);
        }
        if (Character.isLetter(c)) {
          throw refuse("the escape \\" + Character.toString(c));
        }
        yield one(c);
      }
    };
  }

  private static CharClass one(int c) {
    return CharClass.of(c, c);
  }

  private CharClass unicode() {
    if (take('{')) {
      int close = source.indexOf('}', at);
      if (close < 0 || close == at || close - at > 6) {
        throw refuse("a malformed \\u{…}");
      }
      int c = hex(close - at);
      at++;
      if (c > Character.MAX_CODE_POINT) {
        throw refuse("a code point beyond U+10FFFF");
      }
      return one(c);
    }
    int c = hex(4);
    if (Character.isHighSurrogate((char) c) && source.startsWith("\\u", at)) {
      at += 2;
      int low = hex(4);
      return one(Character.toCodePoint((char) c, (char) low));
    }
    return one(c);
  }

  private int hex(int digits) {
    if (at + digits > source.length()) {
      throw refuse("an escape that ends too early");
    }
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int d = Character.digit(source.charAt(at++), 16);
      if (d < 0) {
        throw refuse("an escape with a character that is no hexadecimal digit");
      }
      value = value * 16 + d;
    }
    return value;
  }

  private CharClass category(boolean negated) {
    int close = take('{') ? source.indexOf('}', at) : -1;
    if (close < 0) {
      throw refuse("a malformed \\p{…}");
    }
    String name = source.substring(at, close);
    at = close + 1;
    CharClass c = CharClass.category(name);
    if (c == null) {
      throw refuse("\\p{%s}; known are general categories such as L, Lu, Nd".formatted(name));
    }
    return negated ? c.negate() : c;
  }

  private int peek() {
    return at < source.length() ? source.charAt(at) : -1;
  }

  private boolean take(char c) {
    if (peek() == c) {
      at++;
      return true;
    }
    return false;
  }

  private int next() {
    if (at >= source.length()) {
      throw refuse("an end that comes too early");
    }
    int c = source.codePointAt(at);
    at += Character.charCount(c);
    return c;
  }

  private InvalidRequest refuse(String what) {
    String shown = source.length() <= 80 ? source : source.substring(0, 80) + "…";
    return new InvalidRequest(
        "response_format",
        "the pattern %s has %s near character %d, which cannot be enforced; rewrite it without"
            .formatted(shown, what, Math.min(at, source.length())));
  }
}
