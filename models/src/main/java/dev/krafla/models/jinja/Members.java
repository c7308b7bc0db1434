package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code target.name} and {@code target[index]}, as jinja2 resolves them. */
final class Members {
  private static final Set<String> CHANGES_LIST =
      Set.of("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse");
  private static final Set<String> CHANGES_DICT =
      Set.of("pop", "popitem", "setdefault", "update", "clear");

  private final Budget budget;

  Members(Budget budget) {
    this.budget = budget;
  }

  /** Python's attribute first, then the item. */
  Object attribute(Object target, String name) {
    Object defined = Operators.defined(target);
    if (defined instanceof Values.Namespace(Map<String, Object> attributes)) {
      return present(attributes.get(name), target, name);
    }
    if (isMethod(defined, name)) {
      return method(defined, name);
    }
    return defined instanceof Map<?, ?> map
        ? present(map.get(name), target, name)
        : missing(target, name);
  }

  /** The item first, then Python's attribute. */
  Object item(Object target, Object index) {
    Object defined = Operators.defined(target);
    if (defined instanceof Map<?, ?> map) {
      Object value = map.get(new Operators(budget).key(index));
      if (value != null) {
        return value;
      }
    } else if (Operators.isInteger(index)) {
      return at(defined, Operators.integer(index));
    }
    return index instanceof String name && isMethod(defined, name)
        ? method(defined, name)
        : missing(target, index);
  }

  private Object at(Object target, long index) {
    if (target instanceof String s) {
      budget.read(s.length());
      int length = s.codePointCount(0, s.length());
      long i = index < 0 ? index + length : index;
      return i >= 0 && i < length
          ? Character.toString(s.codePointAt(s.offsetByCodePoints(0, (int) i)))
          : missing(target, index);
    }
    List<?> items = Values.items(target);
    if (items == null) {
      return missing(target, index);
    }
    long i = index < 0 ? index + items.size() : index;
    return i >= 0 && i < items.size() ? items.get((int) i) : missing(target, index);
  }

  private Object present(
      @org.jspecify.annotations.Nullable Object value, Object target, Object name) {
    return value == null ? missing(target, name) : value;
  }

  private Object missing(Object target, Object name) {
    String type = Values.type(target);
    String shown = name instanceof String s ? "'" + s + "'" : Values.type(name);
    budget.chars(shown.length());
    return new Values.Undefined("'%s' object has no member %s".formatted(type, shown));
  }

  private static boolean isMethod(Object target, String name) {
    return switch (target) {
      case String _ -> StringMethods.isKnown(name);
      case Map<?, ?> _ ->
          Set.of("get", "items", "keys", "values", "copy").contains(name)
              || CHANGES_DICT.contains(name);
      case List<?> _ ->
          Set.of("index", "count", "copy").contains(name) || CHANGES_LIST.contains(name);
      case Values.Tuple _ -> Set.of("index", "count").contains(name);
      default -> false;
    };
  }

  private Object method(Object target, String name) {
    return switch (target) {
      case String s ->
          (Values.Callable)
              (positional, named) ->
                  StringMethods.call(
                      s, name, new Arguments("str." + name, positional, named), budget);
      case Map<?, ?> map ->
          (Values.Callable)
              (positional, named) ->
                  onMap(map, name, new Arguments("dict." + name, positional, named));
      default ->
          (Values.Callable)
              (positional, named) ->
                  onList(target, name, new Arguments("list." + name, positional, named));
    };
  }

  private Object onMap(Map<?, ?> map, String name, Arguments arguments) {
    return switch (name) {
      case "get" -> {
        Object value = map.get(new Operators(budget).key(arguments.get(0, "key")));
        yield value == null ? arguments.find(1, "default").orElse(Values.None.NONE) : value;
      }
      case "items" -> items(map, budget);
      case "keys" -> new Operators(budget).iterate(map);
      case "values" -> {
        budget.items(map.size());
        yield List.<Object>copyOf(map.values());
      }
      case "copy" -> map;
      default -> throw unsafe(name, map);
    };
  }

  /** Pairs of key and value. */
  static List<Object> items(Map<?, ?> map, Budget budget) {
    budget.items(2L * map.size());
    return map.entrySet().stream()
        .<Object>map(e -> new Values.Tuple(List.of(e.getKey(), e.getValue())))
        .toList();
  }

  private Object onList(Object target, String name, Arguments arguments) {
    var operators = new Operators(budget);
    List<Object> items = operators.iterate(target);
    return switch (name) {
      case "copy" -> items;
      case "count" ->
          items.stream().filter(i -> operators.equal(i, arguments.get(0, "value"))).count();
      case "index" -> {
        for (int i = 0; i < items.size(); i++) {
          if (operators.equal(items.get(i), arguments.get(0, "value"))) {
            yield (long) i;
          }
        }
        throw new ChatTemplateException(
            "%s is not in list".formatted(PyText.repr(arguments.get(0, "value"), budget)));
      }
      default -> throw unsafe(name, target);
    };
  }

  /** The sandbox that transformers renders in forbids methods that change their object. */
  private static ChatTemplateException unsafe(String name, Object target) {
    return new ChatTemplateException(
        "access to attribute '%s' of '%s' object is unsafe".formatted(name, Values.type(target)));
  }
}
