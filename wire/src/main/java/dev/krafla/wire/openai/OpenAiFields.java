package dev.krafla.wire.openai;

import dev.krafla.wire.Fields;
import dev.krafla.wire.Json;
import dev.krafla.wire.ToolChoice;
import dev.krafla.wire.generation.Reasoning.Amount;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Fields that chat completions and responses write alike. */
public final class OpenAiFields {
  private OpenAiFields() {}

  /** The schema of a function without arguments. */
  public static ObjectNode noParameters() {
    ObjectNode schema = Json.object();
    schema.put("type", "object").putObject("properties");
    return schema;
  }

  /** {@code metadata}: a map of strings. */
  public static Map<String, String> labels(Fields body) {
    Map<String, String> labels = new HashMap<>();
    Optional<Fields> metadata = body.object("metadata");
    if (metadata.isPresent()) {
      for (String name : metadata.get().node().propertyNames()) {
        metadata.get().string(name).ifPresent(v -> labels.put(name, v));
      }
    }
    return labels;
  }

  /** {@code tool_choice} where it is a word. */
  public static ToolChoice choiceWord(Fields body, String word) {
    return switch (word) {
      case "auto" -> new ToolChoice.Auto();
      case "none" -> new ToolChoice.None();
      case "required" -> new ToolChoice.Required();
      default ->
          throw body.invalid(
              "tool_choice",
              "is \"%s\"; it must be \"auto\", \"none\", \"required\" or a named function"
                  .formatted(word));
    };
  }

  /** A word for how much to think. */
  public static Optional<Amount> effort(Fields fields, String name) {
    return ChatReasoning.effort(fields, name);
  }
}
