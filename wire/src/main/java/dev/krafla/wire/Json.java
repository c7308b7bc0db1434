package dev.krafla.wire;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON text to trees and back, with limits that hold for bodies from outside. */
public final class Json {
  /** Deepest nesting of objects and arrays that is read. */
  public static final int MAX_DEPTH = 128;

  private static final int MAX_NUMBER_LENGTH = 100;
  private static final int MAX_NAME_LENGTH = 4096;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER_LENGTH)
                          .maxNameLength(MAX_NAME_LENGTH)
                          .maxStringLength(Integer.MAX_VALUE) // the body's size is limited instead
                          .build())
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .build();

  private Json() {}

  /**
   * Reads a body that must be one JSON object.
   *
   * @throws InvalidBody when it is not, with the place of the fault
   */
  public static ObjectNode parseObject(byte[] utf8) {
    if (parse(utf8) instanceof ObjectNode object) {
      return object;
    }
    throw new InvalidBody("", "the body must be a JSON object, like {\"model\": …}");
  }

  /** As {@link #parseObject(byte[])}. */
  public static ObjectNode parseObject(String text) {
    return parseObject(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static JsonNode parse(byte[] utf8) {
    try {
      return MAPPER.readTree(utf8);
    } catch (JacksonException e) {
      throw new InvalidBody(
          "", "the body is not valid JSON: " + e.getOriginalMessage() + place(e.getLocation()));
    }
  }

  /** Errors of a limit that was passed have no place. */
  private static String place(@Nullable TokenStreamLocation at) {
    return at == null ? "" : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr());
  }

  /**
   * One member of the object that {@code utf8} holds, found without a tree of the rest; empty when
   * there is none, it is no object, or the text breaks off before it.
   */
  public static Optional<ObjectNode> member(byte[] utf8, String name) {
    return member(utf8, 0, utf8.length, name);
  }

  /** As {@link #member(byte[], String)}, of a part of an array. */
  public static Optional<ObjectNode> member(byte[] utf8, int offset, int length, String name) {
    try (JsonParser json = MAPPER.createParser(utf8, offset, length)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean found = name.equals(json.currentName());
        json.nextToken();
        if (found) {
          return json.readValueAsTree() instanceof ObjectNode object
              ? Optional.of(object)
              : Optional.empty();
        }
        json.skipChildren();
      }
    } catch (JacksonException e) {
      // what is passed through is not ours to judge: it has no such member
    }
    return Optional.empty();
  }

  /** Compact text. */
  public static String write(JsonNode node) {
    return MAPPER.writeValueAsString(node);
  }

  /** Compact UTF-8. */
  public static byte[] writeBytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** Plain Java values: maps, lists, strings, numbers, booleans, null. */
  public static @Nullable Object toJava(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> toMap((ObjectNode) node);
      case ARRAY -> toList((ArrayNode) node);
      case STRING -> node.stringValue();
      case BOOLEAN -> node.booleanValue();
      case NUMBER -> node.numberValue();
      case NULL, MISSING, BINARY, POJO -> null;
    };
  }

  /** Members in the order of the text; values as {@link #toJava} gives them. */
  @SuppressWarnings(
      "NullAway") // JSON null is a value here, and chat templates tell it from absence
  public static Map<String, Object> toMap(ObjectNode object) {
    Map<String, Object> map = LinkedHashMap.newLinkedHashMap(object.size());
    object.properties().forEach(e -> map.put(e.getKey(), toJava(e.getValue())));
    return map;
  }

  @SuppressWarnings("NullAway") // as above
  private static List<Object> toList(ArrayNode array) {
    List<Object> list = new ArrayList<>(array.size());
    array.forEach(e -> list.add(toJava(e)));
    return list;
  }

  /** A tree of plain Java values, as {@link #toJava} gives them. */
  public static JsonNode toTree(@Nullable Object value) {
    return MAPPER.valueToTree(value);
  }

  /** The member's text, when it is a string. */
  public static Optional<String> text(ObjectNode node, String name) {
    JsonNode value = node.get(name);
    return value != null && value.isString() ? Optional.of(value.stringValue()) : Optional.empty();
  }

  public static void putOrNull(ObjectNode node, String name, Optional<String> value) {
    value.ifPresentOrElse(v -> node.put(name, v), () -> node.putNull(name));
  }
}
