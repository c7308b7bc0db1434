package dev.krafla.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Damages JSON that stays JSON: values of other types, numbers beyond every range, members lost,
 * doubled and nested in themselves. What breaks its syntax is {@link Damage#text}'s.
 */
public final class DamagedJson {
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamWriteConstraints(
                      StreamWriteConstraints.builder().maxNestingDepth(10_000).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "[]",
          "{}",
          "[[]]",
          "[null]",
          "{\"\":null}",
          "0",
          "-1",
          "0.5",
          "2147483648",
          "9223372036854775808",
          "1e400",
          "-1e-400",
          "123456789012345678901234567890",
          "\"\"",
          "\"x\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\\udc00\\ud800\"",
          "\"\ufffd\ud83d\udc08\"",
          "\"<|im_end|>\"");
  private static final int MAX_DEPTH = 400;
  private static final int MAX_COPIES = 300;
  private static final int ENOUGH = 5_000;

  private DamagedJson() {}

  /** {@code good} with one to three damages, as text. */
  public static String of(String good, SplittableRandom random) {
    JsonNode root = JSON.readTree(good);
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      List<JsonNode> containers = new ArrayList<>();
      collect(root, containers);
      if (containers.isEmpty() || containers.size() > ENOUGH) {
        break;
      }
      switch (containers.get(random.nextInt(containers.size()))) {
        case ObjectNode object -> damage(object, random);
        case ArrayNode array -> damage(array, random);
        default -> throw new AssertionError("no container");
      }
    }
    return JSON.writeValueAsString(root);
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainer() && !node.isEmpty()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }

  private static void damage(ObjectNode object, SplittableRandom random) {
    List<String> names = List.copyOf(object.propertyNames());
    String name = names.get(random.nextInt(names.size()));
    JsonNode value = object.get(name);
    switch (random.nextInt(6)) {
      case 0 -> object.remove(name);
      case 1 -> object.set(name + "x", value);
      case 2 -> object.set(names.get(random.nextInt(names.size())), value.deepCopy());
      default -> object.set(name, other(value, random));
    }
  }

  private static void damage(ArrayNode array, SplittableRandom random) {
    int at = random.nextInt(array.size());
    JsonNode value = array.get(at);
    switch (random.nextInt(5)) {
      case 0 -> array.remove(at);
      case 1 -> {
        for (int i = random.nextInt(MAX_COPIES); i > 0; i--) {
          array.add(value.deepCopy());
        }
      }
      default -> array.set(at, other(value, random));
    }
  }

  /** Something in the place of {@code value}. */
  private static JsonNode other(JsonNode value, SplittableRandom random) {
    return switch (random.nextInt(8)) {
      case 0 -> nested(value, random);
      case 1 -> JsonNodeFactory.instance.arrayNode().add(value.deepCopy());
      case 2 -> JsonNodeFactory.instance.objectNode().set("x", value.deepCopy());
      case 3 -> JsonNodeFactory.instance.numberNode(Damage.number(random));
      case 4 ->
          value.isString()
              ? JsonNodeFactory.instance.stringNode(
                  Damage.text(value.stringValue() + " ", VALUES, random))
              : JSON.readTree(VALUES.get(random.nextInt(VALUES.size())));
      default -> JSON.readTree(VALUES.get(random.nextInt(VALUES.size())));
    };
  }

  private static JsonNode nested(JsonNode value, SplittableRandom random) {
    JsonNode nested = value.deepCopy();
    boolean inObjects = random.nextBoolean();
    for (int i = random.nextInt(MAX_DEPTH); i > 0; i--) {
      nested =
          inObjects
              ? JsonNodeFactory.instance.objectNode().set("x", nested)
              : JsonNodeFactory.instance.arrayNode().add(nested);
    }
    return nested;
  }
}
