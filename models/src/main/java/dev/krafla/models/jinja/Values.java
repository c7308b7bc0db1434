package dev.krafla.models.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values of a template: {@link None}, {@link Undefined}, Boolean, Long, Double, String, List,
 * {@link Tuple}, Map, {@link Namespace} and {@link Callable}.
 */
final class Values {
  private Values() {}

  /** Python's None. */
  enum None {
    NONE
  }

  /** What a missing name or member gives; {@code what} says which, for errors. */
  record Undefined(String what) {}

  /** Python's tuple. */
  record Tuple(List<Object> items) {}

  /** An object whose attributes a template may set. */
  record Namespace(Map<String, Object> attributes) {}

  /** Something to call: a macro, a method, a global function. */
  @FunctionalInterface
  interface Callable {
    Object call(List<Object> positional, Map<String, Object> named);
  }

  /** A JSON value of the caller as a value of the template; a deep copy. */
  static Object of(@Nullable Object json) {
    return switch (json) {
      case null -> None.NONE;
      case Boolean b -> b;
      case Long n -> n;
      case Integer n -> (long) n;
      case Short n -> (long) n;
      case Byte n -> (long) n;
      case BigInteger n -> n.bitLength() < Long.SIZE ? (Object) n.longValue() : n.doubleValue();
      case BigDecimal n -> n.doubleValue();
      case Number n -> n.doubleValue();
      case Map<?, ?> map -> {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), of(value)));
        yield copy;
      }
      case Collection<?> items -> {
        List<Object> copy = new ArrayList<>(items.size());
        items.forEach(item -> copy.add(of(item)));
        yield copy;
      }
      default -> json.toString();
    };
  }

  /** Characters and items in a value that {@link #of} made. */
  static long weight(Object value) {
    return switch (value) {
      case String s -> s.length();
      case Map<?, ?> map ->
          map.entrySet().stream().mapToLong(e -> weight(e.getKey()) + weight(e.getValue())).sum();
      case List<?> list -> list.stream().mapToLong(Values::weight).sum();
      default -> 1;
    };
  }

  /** The items of a list or tuple; null for anything else. */
  static @Nullable List<?> items(Object value) {
    return switch (value) {
      case List<?> list -> list;
      case Tuple(List<Object> items) -> items;
      default -> null;
    };
  }

  static boolean isTrue(Object value) {
    return switch (value) {
      case None _, Undefined _ -> false;
      case Boolean b -> b;
      case Long n -> n != 0;
      case Double d -> d != 0;
      case String s -> !s.isEmpty();
      case List<?> list -> !list.isEmpty();
      case Tuple(List<Object> items) -> !items.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      default -> true;
    };
  }

  /** Python's name of the type, for errors. */
  static String type(Object value) {
    return switch (value) {
      case None _ -> "NoneType";
      case Undefined _ -> "Undefined";
      case Boolean _ -> "bool";
      case Long _ -> "int";
      case Double _ -> "float";
      case String _ -> "str";
      case List<?> _ -> "list";
      case Tuple _ -> "tuple";
      case Map<?, ?> _ -> "dict";
      case Namespace _ -> "Namespace";
      default -> "function";
    };
  }
}
