package dev.krafla.wire.anthropic;

import dev.krafla.wire.Fields;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.FailedAnswer;
import dev.krafla.wire.generation.FinishReason;
import dev.krafla.wire.generation.GenerationResult;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A {@code message} as a whole answer, and back. */
final class MessagesResults {
  private MessagesResults() {}

  static GenerationResult read(ObjectNode json) {
    Fields body = Fields.of(json);
    if (body.string("type").orElse("").equals("error")) {
      throw new FailedAnswer(AnthropicErrors.read(json));
    }
    if (!body.has("content")) {
      throw new InvalidBody("content", "the answer has no content: it is no message");
    }
    List<Part> parts = new ArrayList<>();
    body.objects("content").forEach(block -> parts.add(MessagesBlocks.block(block)));
    return new GenerationResult(
        body.string("id").orElse(""),
        0,
        body.string("model").orElse(""),
        parts,
        finish(body.string("stop_reason").orElse("end_turn")),
        body.string("stop_sequence"),
        body.object("usage").map(u -> MessagesUsage.read(u.node())));
  }

  static FinishReason finish(String reason) {
    return switch (reason) {
      case "max_tokens", "model_context_window_exceeded" -> FinishReason.LENGTH;
      case "stop_sequence" -> FinishReason.STOP_SEQUENCE;
      case "tool_use" -> FinishReason.TOOL_CALLS;
      case "refusal" -> FinishReason.CONTENT_FILTER;
      case "pause_turn" -> FinishReason.PAUSE;
      default -> FinishReason.STOP;
    };
  }

  /** A stop that names its string is the wire's own sort of stop. */
  static String word(FinishReason reason, Optional<String> stopSequence) {
    return switch (reason) {
      case STOP -> stopSequence.isPresent() ? "stop_sequence" : "end_turn";
      case STOP_SEQUENCE -> "stop_sequence";
      case LENGTH -> "max_tokens";
      case TOOL_CALLS -> "tool_use";
      case CONTENT_FILTER -> "refusal";
      case PAUSE -> "pause_turn";
    };
  }

  static ObjectNode write(GenerationResult result) {
    ObjectNode json = opening(result.id(), result.model());
    ArrayNode content = (ArrayNode) json.path("content");
    for (int i = 0; i < result.parts().size(); i++) {
      Part part = result.parts().get(i);
      String at = "content[%d]".formatted(i);
      switch (part) {
        case Part.Text(String text) -> text(content, text);
        case Part.Refusal(String text) -> text(content, text);
        case Part.Thought thought -> content.add(MessagesBlocks.shown(thought));
        case Part.ToolCall call -> content.add(MessagesBlocks.toolUse(call, at));
        case Part.Foreign f when f.wire().equals(AnthropicWire.NAME) -> content.add(f.json());
        // What only another wire's own tools give; these cannot have been asked for.
        case Part.Image _, Part.File _, Part.ToolResult _, Part.CachePoint _, Part.Foreign _ -> {}
      }
    }
    json.put("stop_reason", word(result.finish(), result.stopSequence()));
    Json.putOrNull(json, "stop_sequence", result.stopSequence());
    json.set("usage", MessagesUsage.write(result.usage().orElse(Usage.NONE)));
    return json;
  }

  private static void text(ArrayNode content, String text) {
    if (!text.isEmpty()) {
      content.addObject().put("type", "text").put("text", text);
    }
  }

  /** A message that says nothing yet. */
  static ObjectNode opening(String id, String model) {
    ObjectNode json = Json.object();
    json.put("id", id.startsWith("msg_") ? id : "msg_" + id)
        .put("type", "message")
        .put("role", "assistant")
        .put("model", model)
        .putArray("content");
    json.putNull("stop_reason").putNull("stop_sequence");
    return json;
  }
}
