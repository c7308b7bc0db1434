package dev.krafla.wire;

import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A function that the model may call.
 *
 * @param parameters JSON schema of the arguments; absent when it takes none
 * @param definition the whole definition as it came ({@code {"type":"function",…}}), for templates
 */
public record Tool(String name, Optional<String> parameters, Map<String, Object> definition) {
  /** A function's names on the wire. */
  private static final String NAME = "[a-zA-Z0-9_.-]{1,128}";

  static Tool parse(Fields tool) {
    String type = tool.string("type").orElse("function");
    if (!type.equals("function")) {
      throw tool.invalid(
          "type", "is \"%s\"; only \"function\" tools are supported".formatted(type));
    }
    Fields function = tool.requireObject("function");
    String name = function.requireString("name");
    if (!name.matches(NAME)) {
      throw function.invalid("name", "must be 1 to 128 letters, digits, '_', '.' or '-'");
    }
    function.string("description");
    return new Tool(
        name,
        function.object("parameters").map(p -> Json.write(p.node())),
        Json.toMap(tool.node()));
  }

  /**
   * A tool from its parts.
   *
   * @param parameters JSON schema of the arguments
   */
  public static Tool of(String name, String description, String parameters) {
    ObjectNode json = Json.object();
    json.put("type", "function")
        .putObject("function")
        .put("name", name)
        .put("description", description)
        .set("parameters", Json.parseObject(parameters));
    return parse(Fields.of(json));
  }
}
