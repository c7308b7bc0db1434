package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's two ways to format text: {@code "%s" % value} and {@code "{}".format(value)}. */
final class PyFormat {
  private static final int MAX_WIDTH = 1000;
  private static final Pattern PERCENT =
      Pattern.compile("%(?:\\((\\w+)\\))?([-0]?)(\\d{0,3})(?:\\.(\\d{1,2}))?([sdrifx%])");
  private static final Pattern FIELD = Pattern.compile("\\{\\{|\\}\\}|\\{(\\w*)\\}");

  private PyFormat() {}

  static String percent(String format, Object value, Budget budget) {
    List<?> items = value instanceof Values.Tuple(List<Object> all) ? all : List.of(value);
    Iterator<?> next = items.iterator();
    Matcher matcher = PERCENT.matcher(format);
    var out = new StringBuilder();
    int at = 0;
    while (matcher.find()) {
      out.append(format, at, matcher.start());
      at = matcher.end();
      if (matcher.group(5).equals("%")) {
        out.append('%');
        continue;
      }
      String key = matcher.group(1);
      Object named = key != null && value instanceof Map<?, ?> map ? map.get(key) : null;
      Object item;
      if (named != null) {
        item = named;
      } else if (key == null && next.hasNext()) {
        item = next.next();
      } else {
        throw new ChatTemplateException("not enough arguments for format string");
      }
      out.append(padded(converted(matcher, item, budget), matcher));
      Budget.checkLength(out);
    }
    out.append(format, at, format.length());
    return out.substring(0, budget.chars(out.length()));
  }

  private static String converted(Matcher spec, Object item, Budget budget) {
    String precision = spec.group(4);
    return switch (spec.group(5)) {
      case "d", "i" -> Long.toString((long) Operators.number(item));
      case "x" -> Long.toHexString(Operators.integer(item));
      case "r" -> PyText.repr(item, budget);
      case "f" ->
          String.format(
              Locale.ROOT,
              "%." + (precision == null ? "6" : precision) + "f",
              Operators.number(item));
      default -> PyText.str(item, budget);
    };
  }

  private static String padded(String text, Matcher spec) {
    int width = spec.group(3).isEmpty() ? 0 : Math.min(MAX_WIDTH, Integer.parseInt(spec.group(3)));
    int missing = Math.max(0, width - text.length());
    return switch (spec.group(2)) {
      case "-" -> text + " ".repeat(missing);
      case "0" -> "0".repeat(missing) + text;
      default -> " ".repeat(missing) + text;
    };
  }

  private static int index(String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw new ChatTemplateException("format field '%s' has no argument".formatted(digits), e);
    }
  }

  /** Replaces {@code {}}, {@code {0}} and {@code {name}}; format specifications are refused. */
  static String braces(
      String format, List<Object> positional, Map<String, Object> named, Budget budget) {
    Matcher matcher = FIELD.matcher(format);
    var out = new StringBuilder();
    int at = 0;
    int automatic = 0;
    while (matcher.find()) {
      out.append(format, at, matcher.start());
      at = matcher.end();
      String field = matcher.group(1);
      if (field == null) {
        out.append(matcher.group().charAt(0));
        continue;
      }
      boolean byIndex = field.isEmpty() || field.chars().allMatch(Character::isDigit);
      int index = !byIndex ? -1 : field.isEmpty() ? automatic++ : index(field);
      Object value =
          byIndex ? index < positional.size() ? positional.get(index) : null : named.get(field);
      if (value == null) {
        throw new ChatTemplateException("format field '%s' has no argument".formatted(field));
      }
      out.append(PyText.str(value, budget));
      Budget.checkLength(out);
    }
    out.append(format, at, format.length());
    return out.substring(0, budget.chars(out.length()));
  }
}
