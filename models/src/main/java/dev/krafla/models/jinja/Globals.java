package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
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
  private Globals() {}

  static Map<String, Values.Callable> all(Budget budget, Clock clock) {
    return Map.of(
        "range",
        (positional, named) -> range(positional, budget),
        "dict",
        (positional, named) -> dict(positional, named),
        "namespace",
        (positional, named) -> namespace(positional, named),
        "raise_exception",
        (positional, named) -> {
          throw ChatTemplateException.raised(
              positional.isEmpty() ? "" : PyText.str(positional.getFirst()));
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
    double span = ((double) stop - start) / step;
    List<Object> items = new ArrayList<>(budget.items(Math.max(0, (long) Math.ceil(span))));
    for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
      items.add(i);
    }
    return items;
  }

  private static Map<Object, Object> dict(List<Object> positional, Map<String, Object> named) {
    Map<Object, Object> dict = new LinkedHashMap<>();
    for (Object argument : positional) {
      if (!(argument instanceof Map<?, ?> map)) {
        throw Operators.error("dict() needs a dict, not %s".formatted(Values.type(argument)));
      }
      dict.putAll(map);
    }
    dict.putAll(named);
    return dict;
  }

  private static Values.Namespace namespace(List<Object> positional, Map<String, Object> named) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    dict(positional, named).forEach((key, value) -> attributes.put(PyText.str(key), value));
    return new Values.Namespace(attributes);
  }

  private static String strftime(String format, Clock clock) {
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
