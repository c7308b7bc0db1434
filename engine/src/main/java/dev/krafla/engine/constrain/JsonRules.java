package dev.krafla.engine.constrain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;

/**
 * The rules that JSON texts share, drawn into a builder when first asked for.
 *
 * <p>Between tokens a text may have nothing, one space, or a line break and an indent of up to
 * {@link #MAX_INDENT}: compact, Python's default and indented texts all pass, and a model cannot
 * lose itself in white space. Numbers have bounded runs of digits for the same reason.
 */
final class JsonRules {
  static final int MAX_INDENT = 64;

  /** As many as a 64-bit integer has. */
  static final int MAX_INTEGER_DIGITS = 20;

  static final int MAX_FRACTION_DIGITS = 20;

  /** Characters that JSON strings need not escape. */
  static final CharClass PLAIN =
      CharClass.of(0, 0x1F).or(CharClass.ofPairs('"', '"', '\\', '\\')).negate();

  private static final CharClass PLAIN_ASCII = PLAIN.and(CharClass.of(0, 0x7F));
  private static final CharClass PLAIN_BEYOND_ASCII = PLAIN.and(CharClass.of(0, 0x7F).negate());
  private static final CharClass HEX = CharClass.ofPairs('0', '9', 'A', 'F', 'a', 'f');

  /** Characters with a short escape, by the letter of that. */
  private static final Map<Integer, Character> SHORT_ESCAPES =
      new TreeMap<>(
          Map.of(
              (int) '"',
              '"',
              (int) '\\',
              '\\',
              (int) '\b',
              'b',
              (int) '\f',
              'f',
              (int) '\n',
              'n',
              (int) '\r',
              'r',
              (int) '\t',
              't'));

  private final NfaBuilder nfa;
  private int space = -1;
  private int string = -1;
  private int rareChar = -1;
  private int number = -1;
  private int integer = -1;
  private int value = -1;
  private int object = -1;
  private int array = -1;

  JsonRules(NfaBuilder nfa) {
    this.nfa = nfa;
  }

  /** Optional white space. */
  void space(int from, int to) {
    if (space < 0) {
      space = nfa.rule();
      int start = nfa.start(space);
      int end = nfa.end(space);
      nfa.epsilon(start, end);
      nfa.bytes(start, ' ', ' ', end);
      int line = nfa.state();
      nfa.bytes(start, '\n', '\n', line);
      nfa.repeat(line, 0, MAX_INDENT, end, (a, b) -> nfa.bytes(a, ' ', ' ', b));
      nfa.repeat(line, 1, MAX_INDENT / 4, end, (a, b) -> nfa.bytes(a, '\t', '\t', b));
    }
    nfa.call(from, space, to);
  }

  /** What stands between a member's name and its value. */
  void colon(int from, int to) {
    int after = nfa.state();
    nfa.bytes(from, ':', ':', after);
    nfa.bytes(after, ' ', ' ', to);
    nfa.epsilon(after, to);
  }

  /** A comma with white space after it. */
  void comma(int from, int to) {
    int after = nfa.state();
    nfa.bytes(from, ',', ',', after);
    space(after, to);
  }

  /** Any string, quotes included. */
  void string(int from, int to) {
    if (string < 0) {
      string = nfa.rule();
      boundedString(nfa.start(string), 0, Regex.UNBOUNDED, nfa.end(string));
    }
    nfa.call(from, string, to);
  }

  /** A string of {@code min} to {@code max} code points. */
  void boundedString(int from, int min, int max, int to) {
    int at = nfa.state();
    nfa.bytes(from, '"', '"', at);
    for (int i = 0; max == Regex.UNBOUNDED ? i < min : i < max; i++) {
      int next = nfa.state();
      anyChar(at, next);
      nfa.plainRun(at, max == Regex.UNBOUNDED ? max : max - i);
      if (i >= min) {
        nfa.bytes(at, '"', '"', to);
      }
      at = next;
    }
    if (max == Regex.UNBOUNDED) {
      anyChar(at, at);
      nfa.plainRun(at, max);
    }
    nfa.bytes(at, '"', '"', to);
  }

  /** Any character as it may stand in a string, in any of its spellings. */
  private void anyChar(int from, int to) {
    nfa.chars(from, PLAIN_ASCII, to);
    if (rareChar < 0) {
      rareChar = nfa.rule();
      int start = nfa.start(rareChar);
      int end = nfa.end(rareChar);
      nfa.chars(start, PLAIN_BEYOND_ASCII, end);
      int escape = nfa.state();
      nfa.bytes(start, '\\', '\\', escape);
      for (char c : "\"\\/bfnrt".toCharArray()) {
        nfa.bytes(escape, c, c, end);
      }
      int unicode = nfa.state();
      nfa.bytes(escape, 'u', 'u', unicode);
      unicodeEscape(unicode, end);
    }
    nfa.call(from, rareChar, to);
  }

  /** Four hexadecimal digits that are no surrogate, or an escaped pair of surrogates. */
  private void unicodeEscape(int from, int to) {
    int three = hex(1, to);
    int two = hex(1, three);
    int one = hex(1, two);
    nfa.chars(from, HEX.minus(CharClass.ofPairs('D', 'D', 'd', 'd')), one);
    int afterD = nfa.state();
    nfa.chars(from, CharClass.ofPairs('D', 'D', 'd', 'd'), afterD);
    nfa.bytes(afterD, '0', '7', two);
    int low = nfa.state();
    nfa.chars(afterD, CharClass.ofPairs('8', '9', 'A', 'B', 'a', 'b'), hex(1, hex(1, low)));
    int slash = nfa.state();
    int u = nfa.state();
    int d = nfa.state();
    nfa.bytes(low, '\\', '\\', slash);
    nfa.bytes(slash, 'u', 'u', u);
    nfa.chars(u, CharClass.ofPairs('D', 'D', 'd', 'd'), d);
    nfa.chars(d, CharClass.ofPairs('C', 'F', 'c', 'f'), hex(1, hex(1, to)));
  }

  /** A state from which {@code count} hexadecimal digits lead to {@code to}. */
  private int hex(int count, int to) {
    int at = to;
    for (int i = 0; i < count; i++) {
      int before = nfa.state();
      nfa.chars(before, HEX, at);
      at = before;
    }
    return at;
  }

  /** One character of {@code chars} in its usual spelling: as it is where JSON allows that. */
  static void stringChars(NfaBuilder nfa, int from, CharClass chars, int to) {
    nfa.chars(from, chars.and(PLAIN), to);
    CharClass escaped = chars.minus(PLAIN);
    if (escaped.isEmpty()) {
      return;
    }
    int escape = nfa.state();
    nfa.bytes(from, '\\', '\\', escape);
    for (CharClass.Range r : escaped.ranges()) {
      for (int c = r.lo(); c <= r.hi(); c++) {
        Character letter = SHORT_ESCAPES.get(c);
        String text = letter == null ? "u%04x".formatted(c) : letter.toString();
        nfa.literal(escape, text, to);
      }
    }
  }

  /** {@code text} as a JSON string, quotes included, in its usual spelling. */
  static String quoted(String text) {
    var out = new StringBuilder("\"");
    text.codePoints()
        .forEach(c -> {
          Character letter = SHORT_ESCAPES.get(c);
          if (letter != null) {
            out.append('\\').append(letter.charValue());
          } else if (c < 0x20 || (c >= 0xD800 && c <= 0xDFFF)) {
            out.append("\\u%04x".formatted(c));
          } else {
            out.appendCodePoint(c);
          }
        });
    return out.append('"').toString();
  }

  /** Any number: integer, fraction and exponent. */
  void number(int from, int to) {
    if (number < 0) {
      number = nfa.rule();
      int end = nfa.end(number);
      int whole = nfa.state();
      integer(nfa.start(number), whole);
      int fraction = nfa.state();
      fraction(whole, MAX_FRACTION_DIGITS, fraction);
      nfa.epsilon(whole, fraction);
      nfa.epsilon(fraction, end);
      int exponent = nfa.state();
      nfa.chars(fraction, CharClass.ofPairs('E', 'E', 'e', 'e'), exponent);
      int digits = nfa.state();
      nfa.chars(exponent, CharClass.ofPairs('+', '+', '-', '-'), digits);
      nfa.epsilon(exponent, digits);
      nfa.repeat(digits, 1, 2, end, (a, b) -> nfa.bytes(a, '0', '9', b));
      int hundreds = nfa.state(); // 100 to 279: all that fits a double whatever stands before
      nfa.bytes(digits, '1', '1', hundreds);
      nfa.repeat(hundreds, 2, 2, end, (a, b) -> nfa.bytes(a, '0', '9', b));
      int twoHundreds = nfa.state();
      nfa.bytes(digits, '2', '2', twoHundreds);
      int tens = nfa.state();
      nfa.bytes(twoHundreds, '0', '7', tens);
      nfa.bytes(tens, '0', '9', end);
    }
    nfa.call(from, number, to);
  }

  /** A point and one to {@code max} digits. */
  void fraction(int from, int max, int to) {
    int digits = nfa.state();
    nfa.bytes(from, '.', '.', digits);
    nfa.repeat(digits, 1, max, to, (a, b) -> nfa.bytes(a, '0', '9', b));
  }

  /** Any integer without exponent. */
  void integer(int from, int to) {
    if (integer < 0) {
      integer = nfa.rule();
      int end = nfa.end(integer);
      int digits = nfa.state();
      nfa.epsilon(nfa.start(integer), digits);
      nfa.bytes(nfa.start(integer), '-', '-', digits);
      nfa.bytes(digits, '0', '0', end);
      int more = nfa.state();
      nfa.bytes(digits, '1', '9', more);
      nfa.repeat(more, 0, MAX_INTEGER_DIGITS - 1, end, (a, b) -> nfa.bytes(a, '0', '9', b));
    }
    nfa.call(from, integer, to);
  }

  /** Any JSON value. */
  void value(int from, int to) {
    if (value < 0) {
      value = nfa.rule();
      int start = nfa.start(value);
      int end = nfa.end(value);
      for (String word : List.of("true", "false", "null")) {
        nfa.literal(start, word, end);
      }
      string(start, end);
      number(start, end);
      object(start, end);
      array(start, end);
    }
    nfa.call(from, value, to);
  }

  /** Any object. */
  void object(int from, int to) {
    if (object < 0) {
      object = nfa.rule();
      map(nfa.start(object), this::string, this::value, nfa.end(object));
    }
    nfa.call(from, object, to);
  }

  /** An object of any number of members. */
  void map(int from, NfaBuilder.Part name, NfaBuilder.Part member, int to) {
    int open = nfa.state();
    int first = nfa.state();
    int close = nfa.state();
    nfa.bytes(from, '{', '{', open);
    space(open, first);
    nfa.bytes(first, '}', '}', to);
    int named = nfa.state();
    name.between(first, named);
    int valued = nfa.state();
    colon(named, valued);
    int done = nfa.state();
    member.between(valued, done);
    int next = nfa.state();
    comma(done, next);
    name.between(next, named);
    space(done, close);
    nfa.bytes(close, '}', '}', to);
  }

  /** A string, quotes included, that is none of {@code taken}. */
  void otherName(int from, List<String> taken, int to) {
    int free = nfa.state(); // past the point where the text could still become a taken one
    anyChar(free, free);
    nfa.plainRun(free, Regex.UNBOUNDED);
    nfa.bytes(free, '"', '"', to);
    int open = nfa.state();
    nfa.bytes(from, '"', '"', open);
    var undrawn = new ArrayDeque<Beginning>(); // names may be long: no recursion along them
    undrawn.add(new Beginning(open, taken, 0));
    while (!undrawn.isEmpty()) {
      otherName(undrawn.remove(), free, to, undrawn);
    }
  }

  /** The state after {@code length} chars that all of {@code taken} begin with. */
  private record Beginning(int state, List<String> taken, int length) {}

  /** Goes on from a beginning of taken names; no escapes here. */
  private void otherName(Beginning read, int free, int to, Queue<Beginning> undrawn) {
    int from = read.state;
    int length = read.length;
    var byNext = new TreeMap<Integer, List<String>>();
    boolean isTaken = false;
    for (String name : read.taken) {
      if (name.length() == length) {
        isTaken = true;
      } else {
        byNext.computeIfAbsent(name.codePointAt(length), _ -> new ArrayList<>()).add(name);
      }
    }
    CharClass others = PLAIN;
    for (var branch : byNext.entrySet()) {
      int c = branch.getKey();
      others = others.minus(CharClass.of(c, c));
      if (PLAIN.contains(c)) {
        int next = nfa.state();
        nfa.chars(from, CharClass.of(c, c), next);
        undrawn.add(new Beginning(next, branch.getValue(), length + Character.charCount(c)));
      }
    }
    nfa.chars(from, others, free);
    if (!isTaken) {
      nfa.bytes(from, '"', '"', to);
    }
  }

  /** Any array. */
  void array(int from, int to) {
    if (array < 0) {
      array = nfa.rule();
      list(nfa.start(array), List.of(), this::value, 0, Regex.UNBOUNDED, nfa.end(array));
    }
    nfa.call(from, array, to);
  }

  /**
   * An array of {@code min} to {@code max} items: those of {@code prefix} in turn, then any number
   * of {@code rest}.
   */
  void list(
      int from, List<NfaBuilder.Part> prefix, NfaBuilder.Part rest, int min, int max, int to) {
    int open = nfa.state();
    int first = nfa.state();
    int last = nfa.state();
    nfa.bytes(from, '[', '[', open);
    space(open, first);
    if (min == 0) {
      nfa.bytes(first, ']', ']', to);
    }
    int listed = Math.min(max, Math.max(1, prefix.size()));
    int at = first;
    for (int i = 0; i < listed; i++) {
      int item = i == 0 ? first : nfa.state();
      if (i > 0) {
        comma(at, item);
      }
      at = nfa.state();
      (i < prefix.size() ? prefix.get(i) : rest).between(item, at);
      if (i + 1 >= min) {
        nfa.epsilon(at, last);
      }
    }
    if (max > listed) {
      nfa.repeat(
          at,
          Math.max(0, min - listed),
          max == Regex.UNBOUNDED ? max : max - listed,
          last,
          (a, b) -> {
            int next = nfa.state();
            comma(a, next);
            rest.between(next, b);
          });
    }
    int close = nfa.state();
    space(last, close);
    nfa.bytes(close, ']', ']', to);
  }
}
