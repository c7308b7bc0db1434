package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's operators on values. */
final class Operators {
  private final Budget budget;

  Operators(Budget budget) {
    this.budget = budget;
  }

  Budget budget() {
    return budget;
  }

  static ChatTemplateException error(String text) {
    return new ChatTemplateException(text);
  }

  /** Fails where {@code value} is undefined, with what it should have been. */
  static Object defined(Object value) {
    if (value instanceof Values.Undefined(String what)) {
      throw error(what);
    }
    return value;
  }

  Object arithmetic(String operator, Object a, Object b) {
    defined(a);
    defined(b);
    if (a instanceof String s && operator.equals("%")) {
      return PyFormat.percent(s, b, budget);
    }
    if (isNumber(a) && isNumber(b)) {
      return isInteger(a) && isInteger(b) && !operator.equals("/")
          ? integers(operator, integer(a), integer(b))
          : floats(operator, number(a), number(b));
    }
    if (operator.equals("+") && a instanceof String s && b instanceof String t) {
      budget.chars((long) s.length() + t.length());
      return s.concat(t);
    }
    if (operator.equals("+") && sameKindOfList(a, b)) {
      return joined(a, b);
    }
    if (operator.equals("*") && isInteger(b)) {
      return repeated(a, integer(b));
    }
    if (operator.equals("*") && isInteger(a)) {
      return repeated(b, integer(a));
    }
    throw unsupported(operator, a, b);
  }

  private static ChatTemplateException unsupported(String operator, Object a, Object b) {
    return error(
        "unsupported operand types for %s: %s and %s"
            .formatted(operator, Values.type(a), Values.type(b)));
  }

  private static boolean sameKindOfList(Object a, Object b) {
    return (a instanceof List && b instanceof List)
        || (a instanceof Values.Tuple && b instanceof Values.Tuple);
  }

  private Object joined(Object a, Object b) {
    List<Object> items = new ArrayList<>(iterate(a));
    items.addAll(iterate(b));
    budget.items(items.size());
    return a instanceof List ? items : new Values.Tuple(items);
  }

  private Object repeated(Object value, long times) {
    long n = Math.max(0, times);
    if (value instanceof String s) {
      budget.chars(multiplied(s.length(), n));
      return s.repeat((int) n);
    }
    List<?> items = Values.items(value);
    if (items == null) {
      throw unsupported("*", value, times);
    }
    List<Object> all = new ArrayList<>(budget.items(multiplied(items.size(), n)));
    for (long i = 0; i < n && !items.isEmpty(); i++) {
      all.addAll(items);
    }
    return value instanceof Values.Tuple ? new Values.Tuple(all) : all;
  }

  private static long multiplied(int length, long times) {
    return length == 0 ? 0 : Math.clamp(times, 0, Integer.MAX_VALUE) * length;
  }

  private static Object integers(String operator, long a, long b) {
    try {
      return switch (operator) {
        case "+" -> Math.addExact(a, b);
        case "-" -> Math.subtractExact(a, b);
        case "*" -> Math.multiplyExact(a, b);
        case "//" -> Math.floorDiv(a, nonZero(b));
        case "%" -> Math.floorMod(a, nonZero(b));
        case "**" -> b < 0 ? (Object) Math.pow((double) a, (double) b) : (Object) power(a, b);
        default -> throw error("unknown operator %s".formatted(operator));
      };
    } catch (ArithmeticException e) {
      throw new ChatTemplateException("%d %s %d is beyond 64 bits".formatted(a, operator, b), e);
    }
  }

  private static long nonZero(long divisor) {
    if (divisor == 0) {
      throw error("division by zero");
    }
    return divisor;
  }

  private static long power(long base, long exponent) {
    if (base == 0 || base == 1) {
      return exponent == 0 ? 1 : base;
    }
    if (base == -1) {
      return exponent % 2 == 0 ? 1 : -1;
    }
    long result = 1;
    for (long i = 0; i < exponent; i++) {
      result = Math.multiplyExact(result, base);
    }
    return result;
  }

  private static Object floats(String operator, double a, double b) {
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / nonZero(b);
      case "//" -> Math.floor(a / nonZero(b));
      case "%" -> a - nonZero(b) * Math.floor(a / b);
      case "**" -> Math.pow(a, b);
      default -> throw error("unknown operator %s".formatted(operator));
    };
  }

  private static double nonZero(double divisor) {
    if (divisor == 0) {
      throw error("division by zero");
    }
    return divisor;
  }

  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof Boolean;
  }

  static long integer(Object value) {
    return switch (value) {
      case Long n -> n;
      case Boolean b -> b ? 1 : 0;
      default -> throw error("expected an integer, found %s".formatted(Values.type(value)));
    };
  }

  static double number(Object value) {
    return value instanceof Double d ? d : integer(value);
  }

  boolean compare(String operator, Object a, Object b) {
    budget.step();
    return switch (operator) {
      case "==" -> equal(a, b);
      case "!=" -> !equal(a, b);
      case "in" -> contains(b, a);
      case "not in" -> !contains(b, a);
      case "<" -> order(a, b) < 0;
      case "<=" -> order(a, b) <= 0;
      case ">" -> order(a, b) > 0;
      case ">=" -> order(a, b) >= 0;
      default -> throw error("unknown comparison %s".formatted(operator));
    };
  }

  boolean equal(Object a, Object b) {
    return equal(a, b, 0);
  }

  @SuppressWarnings("ReferenceEquality") // namespaces and functions are equal to themselves only
  private boolean equal(Object a, Object b, int depth) {
    Budget.checkValueDepth(depth);
    budget.step();
    if (isNumber(a) && isNumber(b)) {
      return (isInteger(a) && isInteger(b)) ? integer(a) == integer(b) : number(a) == number(b);
    }
    if (a instanceof Values.Undefined && b instanceof Values.Undefined) {
      return true;
    }
    if (sameKindOfList(a, b)) {
      return equalLists(items(a), items(b), depth + 1);
    }
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      return equalMaps(x, y, depth + 1);
    }
    if (a instanceof String s && b instanceof String t) {
      budget.read(s.length() == t.length() ? s.length() : 0);
      return s.equals(t);
    }
    return a == b || (a instanceof Boolean && a.equals(b));
  }

  private boolean equalMaps(Map<?, ?> a, Map<?, ?> b, int depth) {
    if (a.size() != b.size()) {
      return false;
    }
    for (Map.Entry<?, ?> entry : a.entrySet()) {
      Object other = b.get(entry.getKey());
      if (other == null || !equal(entry.getValue(), other, depth)) {
        return false;
      }
    }
    return true;
  }

  private static List<?> items(Object listOrTuple) {
    return java.util.Objects.requireNonNull(Values.items(listOrTuple));
  }

  private boolean equalLists(List<?> a, List<?> b, int depth) {
    if (a.size() != b.size()) {
      return false;
    }
    Iterator<?> other = b.iterator();
    for (Object item : a) {
      if (!equal(item, other.next(), depth)) {
        return false;
      }
    }
    return true;
  }

  /** As Python orders {@code a} and {@code b}: negative, zero or positive. */
  int order(Object a, Object b) {
    return order(a, b, 0);
  }

  private int order(Object a, Object b, int depth) {
    Budget.checkValueDepth(depth);
    budget.step();
    defined(a);
    defined(b);
    if (isInteger(a) && isInteger(b)) {
      return Long.compare(integer(a), integer(b));
    }
    if (isNumber(a) && isNumber(b)) {
      return Double.compare(number(a), number(b));
    }
    if (a instanceof String s && b instanceof String t) {
      budget.read(Math.min(s.length(), t.length()));
      return s.compareTo(t);
    }
    if (sameKindOfList(a, b)) {
      List<?> x = items(a);
      List<?> y = items(b);
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
        if (!equal(x.get(i), y.get(i), depth + 1)) {
          return order(x.get(i), y.get(i), depth + 1);
        }
      }
      return Integer.compare(x.size(), y.size());
    }
    throw error("%s and %s have no order".formatted(Values.type(a), Values.type(b)));
  }

  private boolean contains(Object container, Object item) {
    return switch (container) {
      case String s -> {
        if (!(defined(item) instanceof String part)) {
          throw error("'in <string>' needs a string, not %s".formatted(Values.type(item)));
        }
        budget.search(s, part);
        yield s.contains(part);
      }
      case Map<?, ?> map -> map.containsKey(key(item));
      default -> iterate(container).stream().anyMatch(x -> equal(x, item));
    };
  }

  /** {@code value} as a key of a dict; as in Python, lists and dicts are none. */
  Object key(Object value) {
    return key(value, 0);
  }

  private Object key(Object value, int depth) {
    Budget.checkValueDepth(depth);
    budget.step();
    switch (value) {
      case List<?> _, Map<?, ?> _, Values.Namespace _ ->
          throw error("unhashable type: '%s'".formatted(Values.type(value)));
      case Values.Tuple(List<Object> items) -> items.forEach(item -> key(item, depth + 1));
      default -> {}
    }
    return value;
  }

  /** The items that a loop over {@code value} visits. */
  List<Object> iterate(Object value) {
    return switch (value) {
      case Values.Undefined _ -> List.of();
      case List<?> list -> List.copyOf(list.subList(0, budget.items(list.size())));
      case Values.Tuple(List<Object> items) -> items;
      case Map<?, ?> map -> {
        budget.items(map.size());
        yield List.copyOf(map.keySet());
      }
      case String s -> {
        budget.items(s.length());
        List<Object> characters = new ArrayList<>(s.length());
        s.codePoints().forEach(c -> characters.add(Character.toString(c)));
        yield characters;
      }
      default -> throw error("'%s' object is not iterable".formatted(Values.type(value)));
    };
  }

  Object slice(Object target, Object from, Object to, Object by) {
    defined(target);
    long step = by instanceof Values.None ? 1 : integer(by);
    if (step == 0) {
      throw error("slice step cannot be zero");
    }
    if (target instanceof String s) {
      return slice(s, from, to, step);
    }
    List<?> items = Values.items(target);
    if (items == null) {
      throw error("'%s' object cannot be sliced".formatted(Values.type(target)));
    }
    Range range = Range.of(from, to, step, items.size());
    List<Object> part = new ArrayList<>(budget.items(range.count()));
    for (int i = 0; i < range.count(); i++) {
      part.add(items.get(range.at(i)));
    }
    return target instanceof Values.Tuple ? new Values.Tuple(part) : part;
  }

  private String slice(String s, Object from, Object to, long step) {
    budget.chars(2L * s.length());
    int[] characters = s.codePoints().toArray();
    Range range = Range.of(from, to, step, characters.length);
    var text = new StringBuilder(range.count());
    for (int i = 0; i < range.count(); i++) {
      text.appendCodePoint(characters[range.at(i)]);
    }
    return text.toString();
  }

  /** What a slice takes: {@code count} indices from {@code start} on, {@code step} apart. */
  private record Range(long start, long step, int count) {
    static Range of(Object from, Object to, long by, int size) {
      long step = Math.clamp(by, -size - 1L, size + 1L); // one step leads out as well as many
      long start = bound(from, step > 0 ? 0 : size - 1L, size, step);
      long end = bound(to, step > 0 ? size : -1L, size, step);
      long count = step > 0 ? Math.ceilDiv(end - start, step) : Math.ceilDiv(start - end, -step);
      return new Range(start, step, (int) Math.max(0, count));
    }

    int at(int i) {
      return (int) (start + i * step);
    }
  }

  private static long bound(Object value, long preset, int size, long step) {
    if (value instanceof Values.None) {
      return preset;
    }
    long index = integer(value);
    if (index < 0) {
      index += size;
    }
    return step > 0 ? Math.clamp(index, 0, size) : Math.clamp(index, -1, size - 1);
  }
}
