package dev.krafla.serving;

import dev.krafla.engine.Constraint;
import dev.krafla.models.output.OutputEvent;
import dev.krafla.models.output.OutputParser;
import dev.krafla.wire.Json;
import dev.krafla.wire.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * A tool call that the client demands: the answer is held to {@code {"name": …, "arguments": {…}}}
 * with one of the tools' names and arguments that fit its schema. Reads such an answer as it
 * streams. One answer each; not thread-safe.
 */
final class ForcedToolCall implements OutputParser {
  private static final Pattern OPENING =
      Pattern.compile(
          "\\s*\\{\\s*\"name\"\\s*:\\s*(\"(?:[^\"\\\\]|\\\\.)*\")\\s*,\\s*\"arguments\"\\s*:\\s*");
  private static final String NO_ARGUMENTS =
      "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}";

  private final StringBuilder opening = new StringBuilder();
  private @Nullable Scan arguments;

  /** What the answer must match. */
  static Constraint constraint(List<Tool> tools) {
    ObjectNode root = Json.object();
    ArrayNode calls = root.putArray("anyOf");
    for (int i = 0; i < tools.size(); i++) {
      Tool tool = tools.get(i);
      JsonNode schema = Json.parseObject(tool.parameters().orElse(NO_ARGUMENTS));
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

  @Override
  public List<OutputEvent> add(String text) {
    if (arguments != null) {
      return piece(arguments, text);
    }
    opening.append(text);
    Matcher start = OPENING.matcher(opening);
    if (!start.lookingAt() || start.end() == opening.length()) {
      return List.of(); // the value's first character is not here yet
    }
    List<OutputEvent> events = new ArrayList<>();
    String name = Json.parseObject("{\"name\":" + start.group(1) + "}").get("name").stringValue();
    events.add(new OutputEvent.ToolCallStart(0, name));
    Scan scan = new Scan();
    arguments = scan;
    events.addAll(piece(scan, opening.substring(start.end())));
    return events;
  }

  private static List<OutputEvent> piece(Scan scan, String text) {
    int length = scan.lengthInside(text);
    return length == 0
        ? List.of()
        : List.of(new OutputEvent.ToolArguments(0, text.substring(0, length)));
  }

  @Override
  public List<OutputEvent> finish() {
    boolean complete = arguments != null && arguments.ended;
    return complete ? List.of(new OutputEvent.ToolCallEnd(0)) : List.of();
  }

  /** Follows the nesting of one JSON object to its end. */
  private static final class Scan {
    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean ended;

    /** How much of {@code text} still belongs to the object. */
    int lengthInside(String text) {
      int i = 0;
      while (i < text.length() && !ended) {
        step(text.charAt(i));
        i++;
      }
      return i;
    }

    private void step(char c) {
      if (escaped) {
        escaped = false;
      } else if (inString) {
        escaped = c == '\\';
        inString = c != '"';
      } else if (c == '"') {
        inString = true;
      } else if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
        ended = depth == 0;
      }
    }
  }
}
