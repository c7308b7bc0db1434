package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What stands after {@code is}. */
final class Tests {
  private static final Map<String, String> COMPARISONS =
      Map.ofEntries(
          Map.entry("eq", "=="),
          Map.entry("equalto", "=="),
          Map.entry("==", "=="),
          Map.entry("ne", "!="),
          Map.entry("!=", "!="),
          Map.entry("lt", "<"),
          Map.entry("lessthan", "<"),
          Map.entry("<", "<"),
          Map.entry("le", "<="),
          Map.entry("<=", "<="),
          Map.entry("gt", ">"),
          Map.entry("greaterthan", ">"),
          Map.entry(">", ">"),
          Map.entry("ge", ">="),
          Map.entry(">=", ">="),
          Map.entry("in", "in"));

  private static final Set<String> OTHERS =
      Set.of(
          "defined",
          "undefined",
          "none",
          "boolean",
          "true",
          "false",
          "integer",
          "float",
          "number",
          "string",
          "mapping",
          "sequence",
          "iterable",
          "callable",
          "sameas",
          "even",
          "odd",
          "divisibleby",
          "lower",
          "upper",
          "filter",
          "test",
          "escaped");

  private Tests() {}

  static boolean isKnown(String name) {
    return COMPARISONS.containsKey(name) || OTHERS.contains(name);
  }

  static boolean holds(Object value, String name, Arguments arguments, Operators operators) {
    String comparison = COMPARISONS.get(name);
    if (comparison != null) {
      return operators.compare(comparison, value, arguments.get(0, "other"));
    }
    return switch (name) {
      case "defined" -> !(value instanceof Values.Undefined);
      case "undefined" -> value instanceof Values.Undefined;
      case "none" -> value == Values.None.NONE;
      case "boolean" -> value instanceof Boolean;
      case "true" -> value.equals(true);
      case "false" -> value.equals(false);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "number" -> Operators.isNumber(value);
      case "string" -> value instanceof String;
      case "mapping" -> value instanceof Map;
      case "sequence" ->
          value instanceof String || value instanceof Map || Values.items(value) != null;
      case "iterable" ->
          value instanceof String
              || value instanceof Map
              || value instanceof Values.Undefined
              || Values.items(value) != null;
      case "callable" -> value instanceof Values.Callable;
      case "sameas" -> same(value, arguments.get(0, "other"));
      case "even" -> Operators.integer(value) % 2 == 0;
      case "odd" -> Operators.integer(value) % 2 != 0;
      case "divisibleby" -> operators.arithmetic("%", value, arguments.get(0, "num")).equals(0L);
      case "lower" -> isCase(value, false, operators);
      case "upper" -> isCase(value, true, operators);
      case "filter" -> value instanceof String s && Filters.isKnown(s);
      case "test" -> value instanceof String s && isKnown(s);
      case "escaped" -> false;
      default -> throw new ChatTemplateException("there is no test '%s'".formatted(name));
    };
  }

  @SuppressWarnings("ReferenceEquality") // what Python's "is" asks
  private static boolean same(Object a, Object b) {
    boolean plain = a instanceof String || a instanceof Number || a instanceof Boolean;
    return a == b || (plain && a.equals(b));
  }

  private static boolean isCase(Object value, boolean upper, Operators operators) {
    String s = PyText.str(value, operators.budget());
    operators.budget().read(s.length());
    String converted = upper ? s.toUpperCase(Locale.ROOT) : s.toLowerCase(Locale.ROOT);
    return s.equals(converted) && s.chars().anyMatch(Character::isLetter);
  }
}
