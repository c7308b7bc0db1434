package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.math.BigInteger;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Functions that every template finds: jinja2's, and those that transformers adds. */
final class Globals {
  private static final int MAX_DATE_FORMAT = 1000;

  private Globals() {}

  static Map<String, Values.Callable> all(Budget budget, Clock clock) {
    return Map.of(
        "range",
        (positional, named) -> range(positional, budget),
        "dict",
        (positional, named) -> dict(positional, named, budget),
        "namespace",
        (positional, named) -> namespace(positional, named, budget),
        "raise_exception",
        (positional, named) -> {
          throw ChatTemplateException.raised(
              positional.isEmpty() ? "" : PyText.str(positional.getFirst(), budget));
        },
        "strftime_now",
        (positional, named) ->
            strftime(new Arguments("strftime_now", positional, named).text(0, "format"), clock));
  }

  private static List<Object> range(List<Object> arguments, Budget budget) {
    Arguments a = new Arguments("range", arguments, Map.of());
    long first = Operators.integer(a.get(0, "stop"));
    long start = arguments.size() > 1 ? first : 0;
    long stop = arguments.size() > 1 ? Operators.integer(arguments.get(1)) : first;
    long step = a.integer(2, "step", 1);
    if (step == 0) {
      throw Operators.error("range() arg 3 must not be zero");
    }
    BigInteger distance = BigInteger.valueOf(stop).subtract(BigInteger.valueOf(start));
    double span = Math.ceil(distance.doubleValue() / step);
    int count = budget.items((long) Math.max(0, span));
    List<Object> items = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      items.add(start + i * step);
    }
    return items;
  }

  private static Map<Object, Object> dict(
      List<Object> positional, Map<String, Object> named, Budget budget) {
    Map<Object, Object> dict = new LinkedHashMap<>();
    for (Object argument : positional) {
      if (!(argument instanceof Map<?, ?> map)) {
        throw Operators.error("dict() needs a dict, not %s".formatted(Values.type(argument)));
      }
      budget.items(map.size());
      dict.putAll(map);
    }
    dict.putAll(named);
    return dict;
  }

  private static Values.Namespace namespace(
      List<Object> positional, Map<String, Object> named, Budget budget) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    dict(positional, named, budget)
        .forEach((key, value) -> attributes.put(PyText.str(key, budget), value));
    return new Values.Namespace(attributes);
  }

  private static String strftime(String format, Clock clock) {
    if (format.length() > MAX_DATE_FORMAT) {
      throw Operators.error(
          "strftime_now: the format has %d characters; the limit is %d"
              .formatted(format.length(), MAX_DATE_FORMAT));
    }
    LocalDateTime now = LocalDateTime.now(clock);
    var out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        out.append(c);
        continue;
      }
      char field = format.charAt(++i);
      out.append(field == '%' ? "%" : now.format(formatter(field)));
    }
    return out.toString();
  }

  private static DateTimeFormatter formatter(char field) {
    String pattern =
        switch (field) {
          case 'Y' -> "uuuu";
          case 'y' -> "uu";
          case 'm' -> "MM";
          case 'B' -> "MMMM";
          case 'b' -> "MMM";
          case 'd' -> "dd";
          case 'e' -> "ppd";
          case 'A' -> "EEEE";
          case 'a' -> "EEE";
          case 'H' -> "HH";
          case 'I' -> "hh";
          case 'M' -> "mm";
          case 'S' -> "ss";
          case 'p' -> "a";
          case 'j' -> "DDD";
          case 'F' -> "uuuu-MM-dd";
          case 'T' -> "HH:mm:ss";
          default ->
              throw new ChatTemplateException(
                  "strftime_now: the field %%%c is not supported".formatted(field));
        };
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
  }
}
