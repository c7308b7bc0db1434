package dev.krafla.wire;

import tools.jackson.databind.node.ObjectNode;

/**
 * A call of a function that the model asks for.
 *
 * @param arguments JSON text, as the model wrote it
 */
public record ToolCall(String id, String name, String arguments) {
  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("id", id).put("type", "function");
    json.putObject("function").put("name", name).put("arguments", arguments);
    return json;
  }

  static ToolCall parse(Fields call) {
    Fields function = call.requireObject("function");
    return new ToolCall(
        call.string("id").orElse(""),
        function.requireString("name"),
        function.string("arguments").orElse("{}"));
  }
}
