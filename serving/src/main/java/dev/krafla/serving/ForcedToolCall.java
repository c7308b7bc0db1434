package dev.krafla.serving;

import dev.krafla.engine.Constraint;
import dev.krafla.wire.Json;
import dev.krafla.wire.Tool;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * A tool call that the client demands: the answer is held to {@code {"name": …, "arguments": {…}}}
 * with one of the tools' names and arguments that fit its schema, which every model can write and
 * {@link dev.krafla.models.output.OutputFormat#JSON} reads.
 */
final class ForcedToolCall {
  private static final String NO_ARGUMENTS =
      "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}";

  private ForcedToolCall() {}

  /** What the answer must match. */
  static Constraint constraint(List<Tool> tools) {
    ObjectNode root = Json.object();
    ArrayNode calls = root.putArray("anyOf");
    for (int i = 0; i < tools.size(); i++) {
      Tool tool = tools.get(i);
      ObjectNode schema = Json.parseObject(tool.parameters().orElse(NO_ARGUMENTS));
      if (!schema.has("type") && !schema.has("$ref") && !schema.has("anyOf")) {
        schema.put("type", "object"); // arguments are never anything else
      }
      ObjectNode call = calls.addObject();
      call.put("type", "object");
      ObjectNode properties = call.putObject("properties");
      properties.putObject("name").put("const", tool.name());
      properties.set("arguments", moved(schema, "#/anyOf/%d/properties/arguments".formatted(i)));
      call.putArray("required").add("name").add("arguments");
      call.put("additionalProperties", false);
    }
    return new Constraint.JsonSchema(Json.write(root));
  }

  /** The schema with its references to its own root pointing at its new place. */
  private static JsonNode moved(JsonNode node, String place) {
    if (node instanceof ObjectNode object) {
      ObjectNode out = Json.object();
      object
          .properties()
          .forEach(e -> {
            JsonNode value = e.getValue();
            boolean reference =
                e.getKey().equals("$ref")
                    && value.isString()
                    && value.stringValue().startsWith("#");
            out.set(
                e.getKey(),
                reference
                    ? StringNode.valueOf(place + value.stringValue().substring(1))
                    : moved(value, place));
          });
      return out;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode out = Json.array();
      array.forEach(e -> out.add(moved(e, place)));
      return out;
    }
    return node;
  }
}
