package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What stands after a bar. */
final class Filters {
  private static final Set<String> NAMES =
      Set.of(
          "abs",
          "attr",
          "batch",
          "capitalize",
          "center",
          "count",
          "d",
          "default",
          "dictsort",
          "e",
          "escape",
          "first",
          "float",
          "format",
          "groupby",
          "indent",
          "int",
          "items",
          "join",
          "last",
          "length",
          "list",
          "lower",
          "map",
          "max",
          "min",
          "reject",
          "rejectattr",
          "replace",
          "reverse",
          "round",
          "safe",
          "select",
          "selectattr",
          "sort",
          "string",
          "sum",
          "title",
          "tojson",
          "trim",
          "truncate",
          "unique",
          "upper",
          "urlencode",
          "wordcount");

  private static final int LONGEST_ESCAPE = 5;

  private final Budget budget;
  private final Operators operators;
  private final Members members;

  Filters(Budget budget, Operators operators, Members members) {
    this.budget = budget;
    this.operators = operators;
    this.members = members;
  }

  static boolean isKnown(String name) {
    return NAMES.contains(name);
  }

  Object apply(Object value, String name, Arguments a) {
    budget.step();
    return switch (name) {
      case "default", "d" -> {
        boolean missing =
            value instanceof Values.Undefined
                || (a.flag(1, "boolean", false) && !Values.isTrue(value));
        yield missing ? a.find(0, "default_value").orElse("") : value;
      }
      case "safe" -> value;
      case "string" -> PyText.str(value, budget);
      case "tojson" -> toJson(value, a);
      case "length", "count" -> length(value);
      case "first" -> operators.iterate(value).stream().findFirst().orElse(none("first"));
      case "last" -> {
        List<Object> items = operators.iterate(value);
        yield items.isEmpty() ? none("last") : items.getLast();
      }
      case "list" -> operators.iterate(value);
      case "items" ->
          value instanceof Map<?, ?> map ? Members.items(map, budget) : operators.iterate(value);
      case "attr" -> members.attribute(value, a.text(0, "name"));
      case "abs", "int", "float", "round", "sum" -> number(value, name, a);
      case "map",
          "select",
          "reject",
          "selectattr",
          "rejectattr",
          "join",
          "sort",
          "unique",
          "min",
          "max",
          "reverse",
          "batch",
          "groupby",
          "dictsort" ->
          collection(value, name, a);
      default -> text(value, name, a);
    };
  }

  private static Object none(String what) {
    return new Values.Undefined("the %s item of nothing is undefined".formatted(what));
  }

  private Object toJson(Object value, Arguments a) {
    Object indent = a.find(1, "indent").orElse(Values.None.NONE);
    String unit = indent instanceof String s ? s : "";
    if (Operators.isInteger(indent)) {
      unit = " ".repeat(Math.clamp(Operators.integer(indent), 0, 32));
    }
    String comma = unit.isEmpty() ? ", " : ",";
    String colon = ": ";
    Object separators = a.find(2, "separators").orElse(Values.None.NONE);
    List<?> pair = Values.items(separators);
    if (pair != null && pair.size() == 2) {
      comma = PyText.str(pair.get(0), budget);
      colon = PyText.str(pair.get(1), budget);
    }
    boolean sort = a.flag(3, "sort_keys", false);
    return new Json(a.flag(0, "ensure_ascii", false), unit, comma, colon, sort, budget)
        .write(value);
  }

  private long length(Object value) {
    return switch (value) {
      case String s -> {
        budget.read(s.length());
        yield s.codePointCount(0, s.length());
      }
      case Map<?, ?> map -> map.size();
      case Values.Undefined _ -> 0;
      default -> {
        List<?> items = Values.items(value);
        if (items == null) {
          throw Operators.error("object of type '%s' has no len()".formatted(Values.type(value)));
        }
        yield items.size();
      }
    };
  }

  private Object number(Object value, String name, Arguments a) {
    return switch (name) {
      case "abs" ->
          value instanceof Double d ? (Object) Math.abs(d) : Math.abs(Operators.integer(value));
      case "int" -> toInt(value, a);
      case "float" -> toFloat(value, a);
      case "round" -> round(value, a);
      default -> {
        Object sum = a.find(1, "start").orElse(0L);
        for (Object item : operators.iterate(value)) {
          Object part = a.find(0, "attribute").map(path -> path(item, path)).orElse(item);
          sum = operators.arithmetic("+", sum, part);
        }
        yield sum;
      }
    };
  }

  private static Object toInt(Object value, Arguments a) {
    Object preset = a.find(0, "default").orElse(0L);
    try {
      return switch (value) {
        case String s -> {
          String text = s.strip().replace("_", "");
          yield text.matches("[+-]?\\d+")
              ? Long.parseLong(text)
              : (Object) (long) Double.parseDouble(text);
        }
        case Double d -> (long) (double) d;
        case Long n -> n;
        case Boolean b -> b ? 1L : 0L;
        default -> preset;
      };
    } catch (NumberFormatException e) {
      return preset;
    }
  }

  private static Object toFloat(Object value, Arguments a) {
    try {
      return value instanceof String s
          ? Double.parseDouble(s.strip())
          : Operators.isNumber(value)
              ? (Object) Operators.number(value)
              : a.find(0, "default").orElse(0.0);
    } catch (NumberFormatException e) {
      return a.find(0, "default").orElse(0.0);
    }
  }

  private static Object round(Object value, Arguments a) {
    long digits = Math.clamp(a.integer(0, "precision", 0), -20, 20);
    java.math.RoundingMode mode =
        switch (a.text(1, "method", "common")) {
          case "ceil" -> java.math.RoundingMode.CEILING;
          case "floor" -> java.math.RoundingMode.FLOOR;
          default -> java.math.RoundingMode.HALF_EVEN;
        };
    double number = Operators.number(value);
    if (!Double.isFinite(number)) {
      return number;
    }
    return new java.math.BigDecimal(number).setScale((int) digits, mode).doubleValue();
  }

  /** Filters over the items of a list. */
  private Object collection(Object value, String name, Arguments a) {
    if (name.equals("dictsort")) {
      return dictSort(value, a);
    }
    if (name.equals("reverse") && value instanceof String s) {
      budget.chars(s.length());
      return new StringBuilder(s).reverse().toString();
    }
    List<Object> items = operators.iterate(value);
    return switch (name) {
      case "join" -> join(items, a);
      case "map" -> items.stream().map(item -> mapped(item, a)).toList();
      case "select" -> filtered(items, selector(a, 0), true);
      case "reject" -> filtered(items, selector(a, 0), false);
      case "selectattr" -> filtered(items, byAttribute(a), true);
      case "rejectattr" -> filtered(items, byAttribute(a), false);
      case "reverse" -> items.reversed();
      case "sort" -> sorted(items, a);
      case "unique" -> unique(items, a);
      case "min" -> items.stream().min(order(a, 0)).orElse(none("smallest"));
      case "max" -> items.stream().max(order(a, 0)).orElse(none("largest"));
      case "batch" -> batches(items, a);
      default -> groups(items, a);
    };
  }

  private Object join(List<Object> items, Arguments a) {
    String separator = a.find(0, "d").map(d -> PyText.str(d, budget)).orElse("");
    var out = new StringBuilder();
    String between = "";
    for (Object item : items) {
      Object part = a.find(1, "attribute").map(path -> path(item, path)).orElse(item);
      out.append(between).append(PyText.str(part, budget));
      Budget.checkLength(out);
      between = separator;
    }
    budget.chars(out.length());
    return out.toString();
  }

  private Object mapped(Object item, Arguments a) {
    budget.step();
    Object attribute = a.named().get("attribute");
    if (attribute != null) {
      Object found = path(item, attribute);
      Object preset = a.named().get("default");
      return found instanceof Values.Undefined && preset != null ? preset : found;
    }
    String filter = a.text(0, "filter");
    if (!isKnown(filter)) {
      throw new ChatTemplateException("there is no filter '%s'".formatted(filter));
    }
    return apply(item, filter, rest(a, 1, filter));
  }

  private static Arguments rest(Arguments a, int from, String what) {
    return new Arguments(what, a.positional().subList(from, a.positional().size()), a.named());
  }

  private Predicate<Object> selector(Arguments a, int at) {
    if (a.positional().size() <= at) {
      return Values::isTrue;
    }
    String test = a.text(at, "test");
    if (!Tests.isKnown(test)) {
      throw new ChatTemplateException("there is no test '%s'".formatted(test));
    }
    Arguments more = rest(a, at + 1, test);
    return item -> Tests.holds(item, test, more, operators);
  }

  private Predicate<Object> byAttribute(Arguments a) {
    Object path = a.get(0, "attribute");
    Predicate<Object> test = selector(a, 1);
    return item -> test.test(path(item, path));
  }

  private List<Object> filtered(List<Object> items, Predicate<Object> test, boolean wanted) {
    return items.stream().filter(item -> test.test(item) == wanted).toList();
  }

  /** Follows "a.b.0" from {@code item}. */
  private Object path(Object item, Object path) {
    if (!(path instanceof String s)) {
      return members.item(item, path);
    }
    Object value = item;
    for (String part : s.split("\\.", -1)) {
      boolean index = !part.isEmpty() && part.chars().allMatch(Character::isDigit);
      value = members.item(value, index ? (Object) index(part) : part);
    }
    return value;
  }

  private static long index(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new ChatTemplateException("'%s' is too large an index".formatted(digits), e);
    }
  }

  private Comparator<Object> order(Arguments a, int caseAt) {
    boolean caseSensitive = a.flag(caseAt, "case_sensitive", false);
    Object attribute = a.named().get("attribute");
    return (x, y) -> {
      budget.step();
      Object left = attribute == null ? x : path(x, attribute);
      Object right = attribute == null ? y : path(y, attribute);
      return operators.order(folded(left, caseSensitive), folded(right, caseSensitive));
    };
  }

  private Object folded(Object value, boolean caseSensitive) {
    if (caseSensitive || !(value instanceof String s)) {
      return value;
    }
    budget.read(s.length());
    return s.toLowerCase(Locale.ROOT);
  }

  private List<Object> sorted(List<Object> items, Arguments a) {
    List<Object> sorted = new ArrayList<>(items);
    Comparator<Object> order = order(a, 1);
    return sort(sorted, a.flag(0, "reverse", false) ? order.reversed() : order);
  }

  private static List<Object> sort(List<Object> items, Comparator<Object> order) {
    try {
      items.sort(order);
      return items;
    } catch (IllegalArgumentException e) { // nan among the items
      throw new ChatTemplateException("the items to sort have no consistent order", e);
    }
  }

  private List<Object> unique(List<Object> items, Arguments a) {
    Map<Object, Object> seen = new LinkedHashMap<>();
    boolean caseSensitive = a.flag(0, "case_sensitive", false);
    Object attribute = a.find(1, "attribute").orElse(Values.None.NONE);
    for (Object item : items) {
      Object key = attribute instanceof Values.None ? item : path(item, attribute);
      seen.putIfAbsent(folded(operators.key(key), caseSensitive), item);
    }
    return new ArrayList<>(seen.values());
  }

  private List<Object> batches(List<Object> items, Arguments a) {
    int size = Math.clamp(a.integer(0, "linecount", 1), 1, Integer.MAX_VALUE);
    List<Object> batches = new ArrayList<>();
    for (int i = 0; i < items.size(); i += size) {
      budget.items(1);
      batches.add(items.subList(i, (int) Math.min(items.size(), (long) i + size)));
      if (items.size() - i <= size) {
        break;
      }
    }
    return batches;
  }

  private List<Object> groups(List<Object> items, Arguments a) {
    Object attribute = a.get(0, "attribute");
    Map<Object, List<Object>> groups = new LinkedHashMap<>();
    for (Object item :
        sorted(items, new Arguments("sort", List.of(), Map.of("attribute", attribute)))) {
      groups
          .computeIfAbsent(operators.key(path(item, attribute)), key -> new ArrayList<>())
          .add(item);
    }
    List<Object> result = new ArrayList<>();
    groups.forEach((key, list) -> result.add(new Values.Tuple(List.of(key, list))));
    return result;
  }

  private Object dictSort(Object value, Arguments a) {
    if (!(value instanceof Map<?, ?> map)) {
      throw Operators.error("dictsort needs a dict, not %s".formatted(Values.type(value)));
    }
    int part = a.text(1, "by", "key").equals("value") ? 1 : 0;
    boolean caseSensitive = a.flag(0, "case_sensitive", false);
    List<Object> pairs = new ArrayList<>(Members.items(map, budget));
    Comparator<Object> order =
        (x, y) ->
            operators.order(
                folded(members.item(x, (long) part), caseSensitive),
                folded(members.item(y, (long) part), caseSensitive));
    return sort(pairs, a.flag(2, "reverse", false) ? order.reversed() : order);
  }

  /** Filters of text. */
  private Object text(Object value, String name, Arguments a) {
    String s = PyText.str(value, budget);
    return switch (name) {
      case "upper", "lower", "capitalize" -> StringMethods.call(s, name, rest(a, 0, name), budget);
      case "title" -> title(s.substring(0, budget.chars(s.length())));
      case "center" ->
          StringMethods.call(
              s, name, new Arguments(name, List.of(a.integer(0, "width", 80)), Map.of()), budget);
      case "trim" -> {
        String set = a.text(0, "chars", "");
        budget.chars(s.length());
        budget.search(s, set);
        yield StringMethods.strip(
            s, c -> set.isEmpty() ? StringMethods.isSpace(c) : set.indexOf(c) >= 0, true, true);
      }
      case "replace" ->
          StringMethods.replace(
              s,
              PyText.str(a.get(0, "old"), budget),
              PyText.str(a.get(1, "new"), budget),
              a.integer(2, "count", -1),
              budget);
      case "indent" -> indent(s, a);
      case "format" -> PyFormat.percent(s, new Values.Tuple(a.positional()), budget);
      case "e", "escape" -> escape(s);
      case "truncate" -> truncate(s, a);
      case "wordcount" -> wordCount(s);
      case "urlencode" -> {
        budget.chars(9L * s.length()); // three bytes of three characters each
        yield java.net.URLEncoder.encode(s, java.nio.charset.StandardCharsets.UTF_8)
            .replace("+", "%20")
            .replace("%2F", "/");
      }
      default -> throw new ChatTemplateException("there is no filter '%s'".formatted(name));
    };
  }

  /** Words begin after white space, hyphens and brackets, unlike in {@code str.title}. */
  private static String title(String s) {
    var out = new StringBuilder(s.length());
    boolean start = true;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      out.append(start ? Character.toUpperCase(c) : Character.toLowerCase(c));
      start = StringMethods.isSpace(c) || "-({[<".indexOf(c) >= 0;
    }
    return out.toString();
  }

  private String indent(String s, Arguments a) {
    Object width = a.find(0, "width").orElse(4L);
    String unit =
        width instanceof String w ? w : " ".repeat(Math.clamp(Operators.integer(width), 0, 1000));
    boolean first = a.flag(1, "first", false);
    boolean blank = a.flag(2, "blank", false);
    budget.read(s.length());
    long breaks = s.chars().filter(c -> c == '\n').count();
    budget.chars(s.length() + (breaks + 1) * unit.length());
    budget.items(breaks + 1);
    String[] lines = s.split("\n", -1);
    var out = new StringBuilder();
    for (int i = 0; i < lines.length; i++) {
      boolean indented = i == 0 ? first : blank || !lines[i].isEmpty();
      out.append(i == 0 ? "" : "\n").append(indented ? unit : "").append(lines[i]);
    }
    return out.toString();
  }

  /** As many as jinja2 finds: runs of letters, digits and underscores. */
  private long wordCount(String s) {
    budget.read(s.length());
    long words = 0;
    boolean inWord = false;
    for (int i = 0; i < s.length(); i++) {
      boolean isWord = Character.isLetterOrDigit(s.charAt(i)) || s.charAt(i) == '_';
      words += isWord && !inWord ? 1 : 0;
      inWord = isWord;
    }
    return words;
  }

  private String escape(String s) {
    long special = s.chars().filter(c -> "&<>'\"".indexOf(c) >= 0).count();
    budget.chars(s.length() + special * LONGEST_ESCAPE);
    return s.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }

  private static String truncate(String s, Arguments a) {
    int length = Math.clamp(a.integer(0, "length", 255), 0, Integer.MAX_VALUE);
    boolean killWords = a.flag(1, "killwords", false);
    String end = a.text(2, "end", "...");
    long leeway = a.integer(3, "leeway", 5);
    if (s.length() <= length + leeway) {
      return s;
    }
    String cut = s.substring(0, Math.max(0, length - end.length()));
    int space = killWords ? -1 : cut.lastIndexOf(' ');
    return (space < 0 ? cut : cut.substring(0, space)) + end;
  }
}
