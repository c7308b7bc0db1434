package dev.krafla.wire;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Whether and which tool the model must call. */
public sealed interface ToolChoice {
  /** The model decides. */
  record Auto() implements ToolChoice {}

  /** No call, whatever tools there are. */
  record None() implements ToolChoice {}

  /** At least one call, of any tool. */
  record Required() implements ToolChoice {}

  /** A call of this tool. */
  record Named(String name) implements ToolChoice {}

  /** {@code "auto" | "none" | "required" | {"type":"function","function":{"name":…}}}. */
  static ToolChoice parse(Fields body, List<Tool> tools) {
    JsonNode value = body.get("tool_choice");
    if (value == null) {
      return new Auto(); // without tools there is nothing to choose
    }
    ToolChoice choice =
        value.isString()
            ? word(body, value.stringValue())
            : new Named(
                Fields.of(value, body.path("tool_choice"))
                    .requireObject("function")
                    .requireString("name"));
    boolean known =
        switch (choice) {
          case Auto _, None _ -> true;
          case Required _ -> !tools.isEmpty();
          case Named(String name) -> tools.stream().anyMatch(t -> t.name().equals(name));
        };
    if (!known) {
      throw body.invalid("tool_choice", "asks for a tool that is not in 'tools'");
    }
    return choice;
  }

  private static ToolChoice word(Fields body, String word) {
    return switch (word) {
      case "auto" -> new Auto();
      case "none" -> new None();
      case "required" -> new Required();
      default ->
          throw body.invalid(
              "tool_choice",
              "is \"%s\"; it must be \"auto\", \"none\", \"required\" or a named function"
                  .formatted(word));
    };
  }

  /** The wire's form. */
  default JsonNode toJson() {
    return switch (this) {
      case Auto _ -> StringNode.valueOf("auto");
      case None _ -> StringNode.valueOf("none");
      case Required _ -> StringNode.valueOf("required");
      case Named(String name) -> {
        ObjectNode json = Json.object();
        json.put("type", "function").putObject("function").put("name", name);
        yield json;
      }
    };
  }
}
