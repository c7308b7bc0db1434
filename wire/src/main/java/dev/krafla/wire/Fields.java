package dev.krafla.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Typed reading of a JSON object that knows its path, so that an error can name the field. A JSON
 * null counts as absent, as on OpenAI's wire. Unknown fields are not an error.
 */
public final class Fields {
  private final ObjectNode node;
  private final String path;

  private Fields(ObjectNode node, String path) {
    this.node = node;
    this.path = path;
  }

  public static Fields of(ObjectNode root) {
    return new Fields(root, "");
  }

  /** The element of an array as an object. */
  public static Fields of(JsonNode node, String path) {
    if (node instanceof ObjectNode object) {
      return new Fields(object, path);
    }
    throw wrong(path, node, "an object");
  }

  public ObjectNode node() {
    return node;
  }

  /** Path of member {@code name}, as {@code messages[0].content}. */
  public String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  public boolean has(String name) {
    return get(name) != null;
  }

  public @Nullable JsonNode get(String name) {
    JsonNode value = node.get(name);
    return value == null || value.isNull() ? null : value;
  }

  public Optional<String> string(String name) {
    return read(name, "a string", v -> v.isString() ? Optional.of(v.stringValue()) : none());
  }

  public Optional<Boolean> bool(String name) {
    return read(name, "true or false", v -> v.isBoolean() ? Optional.of(v.booleanValue()) : none());
  }

  public Optional<Double> number(String name) {
    return read(
        name,
        "a number",
        v ->
            v.isNumber() && Double.isFinite(v.doubleValue())
                ? Optional.of(v.doubleValue())
                : none());
  }

  public OptionalInt integer(String name) {
    Optional<Integer> value =
        read(name, "an integer", v -> isInt(v) ? Optional.of(v.intValue()) : none());
    return value.map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }

  public OptionalLong longInteger(String name) {
    Optional<Long> value =
        read(
            name,
            "an integer",
            v ->
                v.isIntegralNumber() && v.canConvertToLong() ? Optional.of(v.longValue()) : none());
    return value.map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }

  public Optional<Fields> object(String name) {
    return read(
        name,
        "an object",
        v -> v instanceof ObjectNode o ? Optional.of(new Fields(o, path(name))) : none());
  }

  /** Elements of an array of objects; empty when absent. */
  public List<Fields> objects(String name) {
    List<Fields> out = new ArrayList<>();
    elements(name, "an array of objects", (e, at) -> out.add(of(e, at)));
    return out;
  }

  /** Elements of an array of strings; empty when absent. */
  public List<String> strings(String name) {
    List<String> out = new ArrayList<>();
    elements(name, "an array of strings", (e, at) -> out.add(stringAt(e, at)));
    return out;
  }

  /** A string or an array of strings; empty when absent. */
  public List<String> stringOrStrings(String name) {
    JsonNode value = get(name);
    return value != null && value.isString() ? List.of(value.stringValue()) : strings(name);
  }

  public String requireString(String name) {
    return string(name).orElseThrow(() -> missing(name));
  }

  public Fields requireObject(String name) {
    return object(name).orElseThrow(() -> missing(name));
  }

  /** Receives each element of an array and its path. */
  public interface Element {
    void accept(JsonNode element, String path);
  }

  public void elements(String name, String expected, Element each) {
    JsonNode value = get(name);
    if (value == null) {
      return;
    }
    if (!(value instanceof ArrayNode array)) {
      throw wrong(path(name), value, expected);
    }
    for (int i = 0; i < array.size(); i++) {
      each.accept(array.get(i), path(name) + "[" + i + "]");
    }
  }

  /** Refuses a field that is set to something other than its neutral value. */
  public void refuse(String name, Function<JsonNode, Boolean> isNeutral, String remedy) {
    JsonNode value = get(name);
    if (value != null && !isNeutral.apply(value)) {
      throw new InvalidBody(
          path(name), "'%s' is not supported by this server; %s".formatted(path(name), remedy));
    }
  }

  public InvalidBody missing(String name) {
    return new InvalidBody(path(name), "'%s' is required".formatted(path(name)));
  }

  public InvalidBody invalid(String name, String message) {
    return new InvalidBody(path(name), "'%s' %s".formatted(path(name), message));
  }

  public static boolean isInt(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt();
  }

  public static String stringAt(JsonNode value, String at) {
    if (!value.isString()) {
      throw wrong(at, value, "a string");
    }
    return value.stringValue();
  }

  public static int intAt(JsonNode value, String at) {
    if (!isInt(value)) {
      throw wrong(at, value, "an integer");
    }
    return value.intValue();
  }

  public static InvalidBody wrong(String path, JsonNode value, String expected) {
    return new InvalidBody(
        path, "'%s' is %s; it must be %s".formatted(path, describe(value), expected));
  }

  private <T> Optional<T> read(
      String name, String expected, Function<JsonNode, Optional<T>> reader) {
    JsonNode value = get(name);
    if (value == null) {
      return Optional.empty();
    }
    Optional<T> read = reader.apply(value);
    if (read.isEmpty()) {
      throw wrong(path(name), value, expected);
    }
    return read;
  }

  private static <T> Optional<T> none() {
    return Optional.empty();
  }

  private static String describe(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "an array";
      case STRING -> "a string";
      case BOOLEAN, NUMBER -> "the " + (value.isNumber() ? "number " : "boolean ") + value;
      case NULL, MISSING, BINARY, POJO -> "null";
    };
  }
}
