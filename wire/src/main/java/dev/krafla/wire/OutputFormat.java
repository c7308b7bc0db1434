package dev.krafla.wire;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What form an answer must have. */
public sealed interface OutputFormat {
  /** Any text. */
  record Text() implements OutputFormat {}

  /** A JSON object. */
  record JsonObject() implements OutputFormat {}

  /** JSON that is valid against a schema, given as JSON text. */
  record JsonSchema(String name, String schema) implements OutputFormat {}

  /** Text that a regular expression matches as a whole (vLLM's extension). */
  record Regex(String pattern) implements OutputFormat {}

  /** One of these strings (vLLM's extension). */
  record Choice(List<String> options) implements OutputFormat {
    public Choice {
      options = List.copyOf(options);
    }
  }

  /**
   * From {@code response_format}, vLLM's {@code structured_outputs} or its older {@code guided_…}
   * fields.
   */
  static OutputFormat parse(Fields body) {
    body.refuse("guided_grammar", v -> false, "use guided_regex or a JSON schema");
    body.refuse("grammar", v -> false, "use guided_regex or a JSON schema");
    List<OutputFormat> asked =
        java.util.stream.Stream.of(
                body.object("response_format").flatMap(OutputFormat::responseFormat),
                body.object("structured_outputs").flatMap(s -> structured(s, "")),
                structured(body, "guided_"))
            .flatMap(Optional::stream)
            .toList();
    if (asked.size() > 1) {
      throw body.invalid("response_format", "and a structured output are both set; send one");
    }
    return asked.isEmpty() ? new Text() : asked.getFirst();
  }

  private static Optional<OutputFormat> responseFormat(Fields format) {
    String type = format.requireString("type");
    return switch (type) {
      case "text" -> Optional.empty();
      case "json_object" ->
          // llama.cpp's and Ollama's habit: {"type":"json_object","schema":{…}}
          format.has("schema")
              ? Optional.of(new JsonSchema("", Json.write(format.requireObject("schema").node())))
              : Optional.of(new JsonObject());
      case "json_schema" -> {
        Fields schema = format.requireObject("json_schema");
        yield Optional.of(
            new JsonSchema(
                schema.string("name").orElse(""),
                Json.write(schema.requireObject("schema").node())));
      }
      default ->
          throw format.invalid(
              "type",
              "is \"%s\"; it must be \"text\", \"json_object\" or \"json_schema\"".formatted(type));
    };
  }

  private static Optional<OutputFormat> structured(Fields fields, String prefix) {
    JsonNode schema = fields.get(prefix + "json");
    if (schema != null) {
      String text = schema.isString() ? schema.stringValue() : Json.write(schema);
      return Optional.of(new JsonSchema("", text));
    }
    if (fields.bool(prefix + "json_object").orElse(false)) {
      return Optional.of(new JsonObject());
    }
    Optional<String> regex = fields.string(prefix + "regex");
    if (regex.isPresent()) {
      return Optional.of(new Regex(regex.get()));
    }
    List<String> choice = fields.strings(prefix + "choice");
    if (!choice.isEmpty()) {
      return Optional.of(new Choice(choice));
    }
    if (prefix.isEmpty()) {
      fields.refuse("grammar", v -> false, "use regex or json");
      fields.refuse("structural_tag", v -> false, "use tools, or json");
    }
    return Optional.empty();
  }

  /** Adds the fields that ask for this format to a request body. */
  default void addTo(ObjectNode body) {
    switch (this) {
      case Text _ -> {}
      case JsonObject _ -> body.putObject("response_format").put("type", "json_object");
      case JsonSchema(String name, String schema) ->
          body.putObject("response_format")
              .put("type", "json_schema")
              .putObject("json_schema")
              .put("name", name.isEmpty() ? "answer" : name)
              .put("strict", true)
              .set("schema", Json.parseObject(schema));
      case Regex(String pattern) -> body.putObject("structured_outputs").put("regex", pattern);
      case Choice(List<String> options) -> {
        var choice = body.putObject("structured_outputs").putArray("choice");
        options.forEach(choice::add);
      }
    }
  }
}
