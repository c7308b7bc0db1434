package dev.krafla.wire.openai;

import dev.krafla.wire.Json;
import dev.krafla.wire.ToolChoice;
import dev.krafla.wire.Unsupported;
import dev.krafla.wire.generation.AnswerFormat;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationRequest.Sampling;
import dev.krafla.wire.generation.GenerationRequest.Terms;
import dev.krafla.wire.generation.GenerationTool;
import dev.krafla.wire.generation.Message;
import dev.krafla.wire.generation.Omissions;
import dev.krafla.wire.generation.Written;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A request as a body of {@code POST /v1/chat/completions}, in the dialect of one provider. */
final class ChatRequestWriter {
  private final ChatDialect dialect;
  private final Omissions left = new Omissions();

  ChatRequestWriter(ChatDialect dialect) {
    this.dialect = dialect;
  }

  Written write(GenerationRequest request) {
    ObjectNode body = Json.object();
    body.put("model", request.model());
    ArrayNode messages = body.putArray("messages");
    ChatMessageWriter writer = new ChatMessageWriter(dialect, left);
    for (int i = 0; i < request.messages().size(); i++) {
      Message message = request.messages().get(i);
      writer.write(messages, message, "messages[%d]".formatted(i));
    }
    tools(body, request.tools());
    format(body, request.format());
    sampling(body, request.sampling());
    request
        .limits()
        .maxTokens()
        .ifPresent(n ->
            body.put(dialect.maxCompletionTokens() ? "max_completion_tokens" : "max_tokens", n));
    if (!request.limits().stop().isEmpty()) {
      ArrayNode stop = body.putArray("stop");
      request.limits().stop().forEach(stop::add);
    }
    terms(body, request.terms());
    left.addAll(request.extras().addTo(body, ChatWire.NAME));
    ChatReasoning.write(body, request.reasoning(), dialect, left);
    if (request.stream()) {
      body.put("stream", true);
      // the ledger needs it, whether the client asked or not
      body.withObjectProperty("stream_options").put("include_usage", true);
    }
    return new Written(body, left.names());
  }

  private void tools(ObjectNode body, GenerationRequest.Tools tools) {
    if (tools.offered().isEmpty()) {
      return;
    }
    ArrayNode array = body.putArray("tools");
    for (GenerationTool tool : tools.offered()) {
      array.add(
          switch (tool) {
            case GenerationTool.Function f -> function(f);
            case GenerationTool.Hosted h -> hosted(h);
          });
    }
    if (!(tools.choice() instanceof ToolChoice.Auto)) {
      body.set("tool_choice", tools.choice().toJson());
    }
    tools.parallel().ifPresent(p -> body.put("parallel_tool_calls", p));
  }

  private ObjectNode function(GenerationTool.Function tool) {
    ObjectNode json = Json.object();
    ObjectNode function = json.put("type", "function").putObject("function");
    function.put("name", tool.name());
    tool.description().ifPresent(d -> function.put("description", d));
    function.set("parameters", tool.parameters());
    tool.strict().ifPresent(s -> function.put("strict", s));
    left.addIf("cache_control", tool.cached());
    return json;
  }

  private static ObjectNode hosted(GenerationTool.Hosted tool) {
    if (!tool.wire().equals(ChatWire.NAME)) {
      throw new Unsupported(
          "tools: " + tool.kind(), ChatWire.NAME, "offer function tools, or choose another model");
    }
    return tool.definition();
  }

  private static void format(ObjectNode body, AnswerFormat format) {
    switch (format) {
      case AnswerFormat.Text _ -> {}
      case AnswerFormat.JsonObject _ ->
          body.putObject("response_format").put("type", "json_object");
      case AnswerFormat.JsonSchema s -> {
        ObjectNode json = body.putObject("response_format").put("type", "json_schema");
        ObjectNode schema = json.putObject("json_schema").put("name", s.name());
        s.description().ifPresent(d -> schema.put("description", d));
        schema.set("schema", s.schema());
        s.strict().ifPresent(strict -> schema.put("strict", strict));
      }
    }
  }

  private void sampling(ObjectNode body, Sampling s) {
    s.temperature().ifPresent(v -> body.put("temperature", v));
    s.topP().ifPresent(v -> body.put("top_p", v));
    if (s.topK().isPresent() && !dialect.topK()) {
      throw new Unsupported("top_k", ChatWire.NAME, "use top_p");
    }
    s.topK().ifPresent(v -> body.put("top_k", v));
    s.frequencyPenalty().ifPresent(v -> body.put("frequency_penalty", v));
    s.presencePenalty().ifPresent(v -> body.put("presence_penalty", v));
    s.seed().ifPresent(v -> body.put("seed", v));
  }

  private static void terms(ObjectNode body, Terms terms) {
    terms.endUser().ifPresent(u -> body.put("user", u));
    terms.serviceClass().ifPresent(c -> body.put("service_tier", c));
    if (!terms.labels().isEmpty()) {
      ObjectNode metadata = body.putObject("metadata");
      terms.labels().forEach(metadata::put);
    }
  }
}
