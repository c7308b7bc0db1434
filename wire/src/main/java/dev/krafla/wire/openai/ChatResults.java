package dev.krafla.wire.openai;

import dev.krafla.wire.Fields;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.FailedAnswer;
import dev.krafla.wire.generation.FinishReason;
import dev.krafla.wire.generation.GenerationResult;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Seal;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A {@code chat.completion} as a whole answer, and back. */
final class ChatResults {
  private ChatResults() {}

  static GenerationResult read(ObjectNode json) {
    Fields body = Fields.of(json);
    if (body.has("error")) {
      throw new FailedAnswer(OpenAiErrors.read(200, json)); // some servers fail with status 200
    }
    List<Fields> choices = body.objects("choices");
    if (choices.isEmpty()) {
      throw new InvalidBody("choices", "the answer has no choices: it is no chat completion");
    }
    Fields choice = choices.getFirst();
    List<Part> parts = ChatMessages.assistant(choice.requireObject("message"));
    String reason = choice.string("finish_reason").orElse("stop");
    return new GenerationResult(
        body.string("id").orElse(""),
        body.longInteger("created").orElse(0),
        body.string("model").orElse(""),
        parts,
        finish(reason),
        stopSequence(choice),
        body.object("usage").map(u -> ChatUsage.read(u.node())));
  }

  /** vLLM says which stop string it was. */
  static Optional<String> stopSequence(Fields choice) {
    return choice.get("stop_reason") instanceof tools.jackson.databind.node.StringNode s
        ? Optional.of(s.stringValue())
        : Optional.empty();
  }

  static FinishReason finish(String reason) {
    return switch (reason) {
      case "length" -> FinishReason.LENGTH;
      case "tool_calls", "function_call" -> FinishReason.TOOL_CALLS;
      case "content_filter" -> FinishReason.CONTENT_FILTER;
      default -> FinishReason.STOP;
    };
  }

  static String word(FinishReason reason) {
    return switch (reason) {
      case STOP, STOP_SEQUENCE, PAUSE -> "stop";
      case LENGTH -> "length";
      case TOOL_CALLS -> "tool_calls";
      case CONTENT_FILTER -> "content_filter";
    };
  }

  static ObjectNode write(GenerationResult result) {
    ObjectNode json = Json.object();
    json.put("id", id(result.id()))
        .put("object", "chat.completion")
        .put("created", result.created())
        .put("model", result.model());
    ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
    choice.set("message", message(result.parts()));
    choice.putNull("logprobs").put("finish_reason", word(result.finish()));
    result.stopSequence().ifPresent(s -> choice.put("stop_reason", s));
    result.usage().ifPresent(u -> json.set("usage", ChatUsage.write(u)));
    return json;
  }

  /** Ids of this wire begin so; some clients look. */
  static String id(String id) {
    return id.startsWith("chatcmpl-") ? id : "chatcmpl-" + id;
  }

  private static ObjectNode message(List<Part> parts) {
    StringBuilder text = new StringBuilder();
    StringBuilder refusal = new StringBuilder();
    StringBuilder thought = new StringBuilder();
    ArrayNode calls = Json.array();
    ArrayNode details = Json.array();
    for (Part part : parts) {
      switch (part) {
        case Part.Text(String t) -> text.append(t);
        case Part.Refusal(String t) -> refusal.append(t);
        case Part.Thought(String t, Optional<Seal> seal) -> {
          thought.append(thought.isEmpty() || t.isEmpty() ? "" : "\n\n").append(t);
          seal.ifPresent(s -> details.add(detail(t, s)));
        }
        case Part.ToolCall call -> calls.add(ChatMessageWriter.call(call));
        // What only another wire's own tools give; these cannot have been asked for.
        case Part.Image _, Part.File _, Part.ToolResult _, Part.CachePoint _, Part.Foreign _ -> {}
      }
    }
    ObjectNode message = Json.object().put("role", "assistant");
    boolean said = !text.isEmpty() || (calls.isEmpty() && refusal.isEmpty());
    Json.putOrNull(message, "content", Optional.of(text.toString()).filter(_ -> said));
    Json.putOrNull(message, "refusal", Optional.of(refusal.toString()).filter(r -> !r.isEmpty()));
    if (!thought.isEmpty()) {
      String all = thought.toString();
      message.put("reasoning_content", all).put("reasoning", all);
    }
    if (!details.isEmpty()) {
      message.set("reasoning_details", details);
    }
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
    return message;
  }

  /** OpenRouter's form of a thought that can be sent back. */
  static ObjectNode detail(String text, Seal seal) {
    if (seal.wire().equals(ChatWire.NAME)) {
      return Json.parseObject(seal.data());
    }
    ObjectNode detail = Json.object();
    return text.isEmpty()
        ? detail.put("type", "reasoning.encrypted").put("data", seal.wrapped())
        : detail.put("type", "reasoning.text").put("text", text).put("signature", seal.wrapped());
  }
}
