package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;

/** Python's methods of {@code str}. */
final class StringMethods {
  private static final Set<String> NAMES =
      Set.of(
          "capitalize",
          "casefold",
          "center",
          "count",
          "endswith",
          "find",
          "format",
          "index",
          "isalnum",
          "isalpha",
          "isdigit",
          "islower",
          "isnumeric",
          "isspace",
          "isupper",
          "join",
          "ljust",
          "lower",
          "lstrip",
          "partition",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rjust",
          "rpartition",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "title",
          "upper",
          "zfill");

  private StringMethods() {}

  static boolean isKnown(String name) {
    return NAMES.contains(name);
  }

  static Object call(String s, String name, Arguments a, Budget budget) {
    return switch (name) {
      case "startswith" -> anyOf(a, part -> startsWith(s, part, budget));
      case "endswith" -> anyOf(a, part -> endsWith(s, part, budget));
      case "removeprefix" -> {
        String prefix = a.text(0, "prefix");
        boolean there = startsWith(s, prefix, budget);
        yield there ? s.substring(prefix.length(), budget.chars(s.length())) : s;
      }
      case "removesuffix" -> {
        String suffix = a.text(0, "suffix");
        boolean there = endsWith(s, suffix, budget);
        yield there ? s.substring(0, budget.chars(s.length() - suffix.length())) : s;
      }
      case "find", "rfind", "index", "count", "partition", "rpartition" ->
          search(s, name, a, budget);
      case "replace" ->
          replace(s, a.text(0, "old"), a.text(1, "new"), a.integer(2, "count", -1), budget);
      case "split", "rsplit", "splitlines" -> parts(s, name, a, budget);
      case "join" -> join(s, new Operators(budget).iterate(a.get(0, "iterable")), budget);
      case "zfill", "ljust", "rjust", "center" -> pad(s, name, a, budget);
      case "format" -> PyFormat.braces(s, a.positional(), a.named(), budget);
      default -> {
        budget.chars(s.length()); // made by the first of these, looked at by the others
        yield whole(s, name, a);
      }
    };
  }

  /** Methods that go through all of {@code s} once. */
  private static Object whole(String s, String name, Arguments a) {
    return switch (name) {
      case "upper" -> s.toUpperCase(Locale.ROOT);
      case "lower", "casefold" -> s.toLowerCase(Locale.ROOT);
      case "capitalize" -> capitalize(s);
      case "title" -> title(s);
      case "strip" -> strip(s, a, true, true);
      case "lstrip" -> strip(s, a, true, false);
      case "rstrip" -> strip(s, a, false, true);
      case "isdigit", "isnumeric" -> all(s, Character::isDigit);
      case "isalpha" -> all(s, Character::isLetter);
      case "isalnum" -> all(s, Character::isLetterOrDigit);
      case "isspace" -> all(s, StringMethods::isSpace);
      case "islower" ->
          s.equals(s.toLowerCase(Locale.ROOT)) && s.chars().anyMatch(Character::isLetter);
      case "isupper" ->
          s.equals(s.toUpperCase(Locale.ROOT)) && s.chars().anyMatch(Character::isLetter);
      default -> throw new ChatTemplateException("str has no method '%s'".formatted(name));
    };
  }

  private static boolean startsWith(String s, String part, Budget budget) {
    budget.read(part.length());
    return s.startsWith(part);
  }

  private static boolean endsWith(String s, String part, Budget budget) {
    budget.read(part.length());
    return s.endsWith(part);
  }

  /** Methods that look for a part of {@code s}. */
  private static Object search(String s, String name, Arguments a, Budget budget) {
    String part = a.text(0, name.endsWith("partition") ? "sep" : "sub");
    budget.search(s, part);
    return switch (name) {
      case "partition" -> partition(s, part, s.indexOf(part), true, budget);
      case "rpartition" -> partition(s, part, s.lastIndexOf(part), false, budget);
      case "find" -> (long) find(s, a);
      case "rfind" -> (long) s.lastIndexOf(part);
      case "count" -> count(s, part);
      default -> {
        int found = find(s, a);
        if (found < 0) {
          throw new ChatTemplateException("substring not found");
        }
        yield (long) found;
      }
    };
  }

  /** Methods that cut {@code s} up: the parts are as long as it, and weigh as items too. */
  private static List<Object> parts(String s, String name, Arguments a, Budget budget) {
    budget.chars(s.length());
    List<Object> parts = new Parts(budget);
    switch (name) {
      case "splitlines" -> splitLines(s, a.flag(0, "keepends", false), parts);
      case "split" -> split(s, a, parts);
      default -> rsplit(s, a, parts);
    }
    return List.copyOf(parts);
  }

  /** A list that accounts for each item. */
  private static final class Parts extends AbstractList<Object> {
    private final List<Object> items = new ArrayList<>();
    private final Budget budget;

    Parts(Budget budget) {
      this.budget = budget;
    }

    @Override
    public boolean add(Object part) {
      budget.items(1);
      if (items.size() == Budget.MAX_ITEMS) {
        budget.items(Budget.MAX_ITEMS + 1L); // fails
      }
      return items.add(part);
    }

    @Override
    public Object get(int index) {
      return items.get(index);
    }

    @Override
    public int size() {
      return items.size();
    }
  }

  private static int find(String s, Arguments a) {
    return s.indexOf(a.text(0, "sub"), Math.clamp(a.integer(1, "start", 0), 0, s.length()));
  }

  static String capitalize(String s) {
    return s.isEmpty()
        ? s
        : s.substring(0, 1).toUpperCase(Locale.ROOT) + s.substring(1).toLowerCase(Locale.ROOT);
  }

  static String title(String s) {
    var out = new StringBuilder(s.length());
    boolean inWord = false;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      out.append(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isLetter(c);
    }
    return out.toString();
  }

  private static boolean all(String s, IntPredicate predicate) {
    return !s.isEmpty() && s.codePoints().allMatch(predicate);
  }

  /** Python's white space: Unicode's, and the four separators of ASCII. */
  static boolean isSpace(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
  }

  private static String strip(String s, Arguments a, boolean left, boolean right) {
    String set = a.text(0, "chars", "");
    return strip(s, c -> set.isEmpty() ? isSpace(c) : set.indexOf(c) >= 0, left, right);
  }

  static String strip(String s, IntPredicate cut, boolean left, boolean right) {
    int from = 0;
    int to = s.length();
    while (left && from < to && cut.test(s.codePointAt(from))) {
      from += Character.charCount(s.codePointAt(from));
    }
    while (right && to > from && cut.test(s.codePointBefore(to))) {
      to -= Character.charCount(s.codePointBefore(to));
    }
    return s.substring(from, to);
  }

  private static boolean anyOf(Arguments a, java.util.function.Predicate<String> predicate) {
    Object argument = a.get(0, "prefix");
    if (argument instanceof Values.Tuple(List<Object> options)) {
      return options.stream().anyMatch(o -> o instanceof String s && predicate.test(s));
    }
    return predicate.test(a.text(0, "prefix"));
  }

  static String replace(String s, String old, String with, long count, Budget budget) {
    budget.search(s, old);
    long times = old.isEmpty() ? s.length() + 1L : count(s, old);
    times = count < 0 ? times : Math.min(times, count);
    budget.chars(s.length() + Math.max(0, with.length() - old.length()) * times);
    if (count < 0) {
      return s.replace(old, with);
    }
    var out = new StringBuilder();
    int at = 0;
    for (long i = 0; i < times; i++) {
      int found = s.indexOf(old, at);
      out.append(s, at, found).append(with);
      at = found + old.length();
      if (old.isEmpty() && at < s.length()) {
        out.append(s.charAt(at++));
      }
    }
    return out.append(s, at, s.length()).toString();
  }

  private static long count(String s, String sub) {
    if (sub.isEmpty()) {
      return s.length() + 1L;
    }
    long n = 0;
    for (int i = s.indexOf(sub); i >= 0; i = s.indexOf(sub, i + sub.length())) {
      n++;
    }
    return n;
  }

  private static void split(String s, Arguments a, List<Object> parts) {
    long max = a.integer(1, "maxsplit", -1);
    String separator = a.text(0, "sep", "");
    if (separator.isEmpty()) {
      splitWords(s, max, parts);
      return;
    }
    int at = 0;
    int found = s.indexOf(separator);
    while (found >= 0 && (max < 0 || parts.size() < max)) {
      parts.add(s.substring(at, found));
      at = found + separator.length();
      found = s.indexOf(separator, at);
    }
    parts.add(s.substring(at));
  }

  private static void splitWords(String s, long max, List<Object> parts) {
    int at = skip(s, 0, true);
    while (at < s.length()) {
      if (max >= 0 && parts.size() >= max) {
        parts.add(strip(s.substring(at), StringMethods::isSpace, false, true));
        return;
      }
      int end = skip(s, at, false);
      parts.add(s.substring(at, end));
      at = skip(s, end, true);
    }
  }

  /** Where white space, or what is none, ends. */
  private static int skip(String s, int from, boolean spaces) {
    int at = from;
    while (at < s.length() && isSpace(s.charAt(at)) == spaces) {
      at++;
    }
    return at;
  }

  private static void rsplit(String s, Arguments a, List<Object> parts) {
    long max = a.integer(1, "maxsplit", -1);
    String separator = a.text(0, "sep", "");
    if (max < 0 || separator.isEmpty()) {
      split(s, a, parts);
      return;
    }
    List<Object> fromEnd = new ArrayList<>();
    int end = s.length();
    int found = s.lastIndexOf(separator);
    while (found >= 0 && fromEnd.size() < Math.min(max, Budget.MAX_ITEMS)) {
      fromEnd.add(s.substring(found + separator.length(), end));
      end = found;
      found = found == 0 ? -1 : s.lastIndexOf(separator, found - separator.length());
    }
    fromEnd.add(s.substring(0, end));
    parts.addAll(fromEnd.reversed());
  }

  private static void splitLines(String s, boolean keepEnds, List<Object> lines) {
    int at = 0;
    while (at < s.length()) {
      int end = at;
      while (end < s.length() && s.charAt(end) != '\n' && s.charAt(end) != '\r') {
        end++;
      }
      int next = end;
      if (next < s.length()) {
        next += s.startsWith("\r\n", next) ? 2 : 1;
      }
      lines.add(s.substring(at, keepEnds ? next : end));
      at = next;
    }
  }

  private static Object partition(
      String s, String separator, int at, boolean first, Budget budget) {
    budget.chars(s.length());
    if (at < 0) {
      return new Values.Tuple(first ? List.of(s, "", "") : List.of("", "", s));
    }
    return new Values.Tuple(
        List.of(s.substring(0, at), separator, s.substring(at + separator.length())));
  }

  private static String join(String separator, List<Object> items, Budget budget) {
    var out = new StringBuilder();
    String between = "";
    for (Object item : items) {
      if (!(item instanceof String text)) {
        throw new ChatTemplateException(
            "join needs strings, found %s".formatted(Values.type(item)));
      }
      out.append(between).append(text);
      Budget.checkLength(out);
      between = separator;
    }
    budget.chars(out.length());
    return out.toString();
  }

  private static String pad(String s, String name, Arguments a, Budget budget) {
    long width = a.integer(0, "width", 0);
    String fill = name.equals("zfill") ? "0" : a.text(1, "fillchar", " ");
    if (fill.length() > 2) { // a character beyond 16 bits has two
      throw new ChatTemplateException("%s: 'fillchar' must be one character".formatted(name));
    }
    int length = budget.chars(Math.max(Math.clamp(width, 0, Integer.MAX_VALUE), s.length()));
    int missing = length - s.length();
    return switch (name) {
      case "ljust" -> s + fill.repeat(missing);
      case "center" -> fill.repeat(missing / 2) + s + fill.repeat(missing - missing / 2);
      default -> fill.repeat(missing) + s;
    };
  }
}
