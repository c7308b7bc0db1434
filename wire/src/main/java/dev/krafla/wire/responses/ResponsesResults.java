package dev.krafla.wire.responses;

import dev.krafla.wire.Fields;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.FailedAnswer;
import dev.krafla.wire.generation.FinishReason;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationResult;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Usage;
import dev.krafla.wire.generation.WireError;
import dev.krafla.wire.openai.OpenAiErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A {@code response} as a whole answer, and back. */
final class ResponsesResults {
  private static final int OK = 200;

  private ResponsesResults() {}

  // ---- reading --------------------------------------------------------------------------------

  static GenerationResult read(ObjectNode json) {
    Fields body = Fields.of(json);
    if (body.has("error") || body.string("status").orElse("").equals("failed")) {
      throw new FailedAnswer(failure(json));
    }
    if (!body.has("output")) {
      throw new InvalidBody("output", "the answer has no output: it is no response");
    }
    List<Part> parts = new ArrayList<>();
    for (Fields item : body.objects("output")) {
      String type = item.requireString("type");
      if (type.equals("message")) {
        parts.addAll(ResponsesItems.content(item, "content"));
      } else {
        parts.add(ResponsesItems.output(item, type));
      }
    }
    boolean calls = parts.stream().anyMatch(Part.ToolCall.class::isInstance);
    return new GenerationResult(
        body.string("id").orElse(""),
        body.number("created_at").map(Double::longValue).orElse(0L),
        body.string("model").orElse(""),
        parts,
        finish(json, calls),
        Optional.empty(),
        body.object("usage").map(u -> ResponsesUsage.read(u.node())));
  }

  static FinishReason finish(JsonNode response, boolean calls) {
    if (response.path("status").asString("").equals("incomplete")) {
      String reason = response.path("incomplete_details").path("reason").asString("");
      return reason.equals("content_filter") ? FinishReason.CONTENT_FILTER : FinishReason.LENGTH;
    }
    return calls ? FinishReason.TOOL_CALLS : FinishReason.STOP;
  }

  /** The error of a response that failed. */
  static WireError failure(JsonNode response) {
    return response instanceof ObjectNode json && json.hasNonNull("error")
        ? OpenAiErrors.read(OK, json)
        : new WireError(WireError.Kind.SERVER, "the response failed without saying why");
  }

  /** The error of an {@code error} event, whose members lie beside its type. */
  static WireError errorEvent(ObjectNode event) {
    if (event.get("error") instanceof ObjectNode) {
      return OpenAiErrors.read(OK, event);
    }
    ObjectNode error = Json.object();
    ObjectNode inner = error.putObject("error");
    for (String name : List.of("message", "code", "param")) {
      inner.set(name, event.path(name));
    }
    inner.put("type", event.path("code").asString(""));
    return OpenAiErrors.read(OK, error);
  }

  // ---- writing --------------------------------------------------------------------------------

  static ObjectNode write(GenerationResult result, GenerationRequest asked) {
    ObjectNode json = ResponsesShape.opening(result.id(), result.created(), result.model(), asked);
    ArrayNode output = (ArrayNode) json.path("output");
    ItemIds ids = new ItemIds(result.id());
    ArrayNode said = Json.array();
    for (Part part : result.parts()) {
      switch (part) {
        case Part.Text(String text) -> said.add(ResponsesShape.text(text));
        case Part.Refusal(String text) -> said.add(ResponsesShape.refusal(text));
        case Part.Thought thought -> {
          flush(output, said, ids);
          output.add(ResponsesShape.reasoning(ids.next("rs"), thought.text(), thought.seal()));
        }
        case Part.ToolCall call -> {
          flush(output, said, ids);
          output.add(
              ResponsesShape.call(
                  ids.next("fc"), call.id(), call.name(), call.arguments(), "completed"));
        }
        case Part.Foreign f when f.wire().equals(ResponsesWire.NAME) -> {
          flush(output, said, ids);
          output.add(f.json());
        }
        // What only another wire's own tools give; these cannot have been asked for.
        case Part.Image _, Part.File _, Part.ToolResult _, Part.CachePoint _, Part.Foreign _ -> {}
      }
    }
    flush(output, said, ids);
    ResponsesShape.end(json, result.finish());
    json.set("usage", ResponsesUsage.write(result.usage().orElse(Usage.NONE)));
    return json;
  }

  private static void flush(ArrayNode output, ArrayNode said, ItemIds ids) {
    if (!said.isEmpty()) {
      ObjectNode message = ResponsesShape.message(ids.next("msg"), "completed");
      message.set("content", said.deepCopy());
      output.add(message);
      said.removeAll();
    }
  }
}
