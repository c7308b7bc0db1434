package dev.krafla.wire.responses;

import dev.krafla.wire.Json;
import dev.krafla.wire.generation.FinishReason;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationTool;
import dev.krafla.wire.generation.Message;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Seal;
import dev.krafla.wire.generation.WireError;
import dev.krafla.wire.openai.OpenAiErrors;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The objects of responses: the response itself, which repeats what was asked, and its items. */
final class ResponsesShape {
  private ResponsesShape() {}

  /** A response that is in progress and has no output yet. */
  static ObjectNode opening(String id, long created, String model, GenerationRequest asked) {
    ObjectNode json = Json.object();
    json.put("id", id.startsWith("resp_") ? id : "resp_" + id)
        .put("object", "response")
        .put("created_at", created)
        .put("status", "in_progress")
        .put("background", false)
        .putNull("error")
        .putNull("incomplete_details");
    Json.putOrNull(json, "instructions", instructions(asked));
    json.put("model", model).putArray("output");
    asked
        .limits()
        .maxTokens()
        .ifPresentOrElse(
            n -> json.put("max_output_tokens", n), () -> json.putNull("max_output_tokens"));
    settings(json, asked);
    terms(json, asked);
    return json;
  }

  private static Optional<String> instructions(GenerationRequest asked) {
    return asked.messages().stream()
        .limit(1)
        .filter(m -> m.role() == Message.Role.SYSTEM && m.parts().size() == 1)
        .flatMap(m -> m.parts().stream())
        .flatMap(p -> p instanceof Part.Text(String t) ? Stream.of(t) : Stream.empty())
        .findFirst();
  }

  private static void settings(ObjectNode json, GenerationRequest asked) {
    json.put("parallel_tool_calls", asked.tools().parallel().orElse(true));
    json.set(
        "tool_choice",
        own(asked, "tool_choice")
            .orElseGet(() -> ResponsesRequestWriter.choice(asked.tools().choice())));
    ArrayNode tools = json.putArray("tools");
    for (GenerationTool tool : asked.tools().offered()) {
      if (!(tool instanceof GenerationTool.Hosted h) || h.wire().equals(ResponsesWire.NAME)) {
        tools.add(ResponsesRequestWriter.tool(tool));
      }
    }
    json.put("temperature", asked.sampling().temperature().orElse(1.0));
    json.put("top_p", asked.sampling().topP().orElse(1.0));
    ObjectNode reasoning = json.putObject("reasoning");
    Json.putOrNull(reasoning, "effort", ResponsesRequestWriter.effort(asked.reasoning()));
    Json.putOrNull(reasoning, "summary", asked.reasoning().show());
    json.putObject("text").set("format", ResponsesRequestWriter.formatJson(asked.format()));
    json.put("truncation", "disabled");
  }

  private static void terms(ObjectNode json, GenerationRequest asked) {
    json.put("service_tier", asked.terms().serviceClass().orElse("default"));
    json.put("store", asked.extras().harmless().path("store").asBoolean(true));
    Json.putOrNull(
        json, "previous_response_id", own(asked, Conversation.CAME_FROM).map(JsonNode::asString));
    Json.putOrNull(json, "safety_identifier", asked.terms().endUser());
    json.putNull("user").putNull("usage");
    ObjectNode metadata = json.putObject("metadata");
    asked.terms().labels().forEach(metadata::put);
  }

  private static Optional<JsonNode> own(GenerationRequest asked, String name) {
    return Optional.ofNullable(asked.extras().binding().get(name))
        .or(() -> Optional.ofNullable(asked.extras().harmless().get(name)));
  }

  /** Marks the end of a response and why. */
  static void end(ObjectNode response, FinishReason finish) {
    boolean incomplete = finish == FinishReason.LENGTH || finish == FinishReason.CONTENT_FILTER;
    response.put("status", incomplete ? "incomplete" : "completed");
    if (incomplete) {
      response
          .putObject("incomplete_details")
          .put("reason", finish == FinishReason.LENGTH ? "max_output_tokens" : "content_filter");
    }
  }

  /** Marks a response as failed. */
  static void fail(ObjectNode response, WireError error) {
    response.put("status", "failed");
    response
        .putObject("error")
        .put("code", error.code().orElseGet(() -> OpenAiErrors.type(error.kind())))
        .put("message", error.message());
  }

  static ObjectNode message(String id, String status) {
    ObjectNode item = Json.object();
    item.put("id", id)
        .put("type", "message")
        .put("status", status)
        .put("role", "assistant")
        .putArray("content");
    return item;
  }

  static ObjectNode text(String text) {
    ObjectNode part = Json.object().put("type", "output_text").put("text", text);
    part.putArray("annotations");
    part.putArray("logprobs");
    return part;
  }

  static ObjectNode refusal(String text) {
    return Json.object().put("type", "refusal").put("refusal", text);
  }

  static ObjectNode call(String id, String callId, String name, String arguments, String status) {
    return Json.object()
        .put("id", id)
        .put("type", "function_call")
        .put("status", status)
        .put("call_id", callId)
        .put("name", name)
        .put("arguments", arguments);
  }

  /** A thought keeps its own id where this wire gave it one. */
  static ObjectNode reasoning(String id, String text, Optional<Seal> seal) {
    ObjectNode item = Json.object();
    Optional<Seal> own = seal.filter(s -> s.wire().equals(ResponsesWire.NAME));
    item.put("id", own.map(Seal::id).filter(i -> !i.isEmpty()).orElse(id)).put("type", "reasoning");
    ResponsesItemWriter.summary(item, text);
    String sealed = own.map(Seal::data).orElseGet(() -> seal.map(Seal::wrapped).orElse(""));
    return sealed.isEmpty() ? item : item.put("encrypted_content", sealed);
  }
}
