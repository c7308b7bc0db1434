package dev.krafla.wire.responses;

import dev.krafla.wire.Json;
import dev.krafla.wire.ToolChoice;
import dev.krafla.wire.Unsupported;
import dev.krafla.wire.generation.AnswerFormat;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationTool;
import dev.krafla.wire.generation.Message;
import dev.krafla.wire.generation.Omissions;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Reasoning;
import dev.krafla.wire.generation.Written;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** A request as a body of {@code POST /v1/responses}. */
final class ResponsesRequestWriter {
  private final Omissions left = new Omissions();

  Written write(GenerationRequest request) {
    ObjectNode body = Json.object();
    body.put("model", request.model());
    if (!request.extras().wire().equals(ResponsesWire.NAME)) {
      stateless(body, request);
    }
    left.addAll(request.extras().addTo(body, ResponsesWire.NAME));
    input(body, request.messages());
    tools(body, request.tools());
    format(body, request.format());
    reasoning(body, request.reasoning());
    sampling(body, request);
    request.limits().maxTokens().ifPresent(n -> body.put("max_output_tokens", n));
    terms(body, request);
    if (request.stream()) {
      body.put("stream", true);
    }
    return new Written(body, left.names());
  }

  /** A client of another wire keeps its conversation itself, sealed thoughts included. */
  private static void stateless(ObjectNode body, GenerationRequest request) {
    body.put("store", false);
    boolean thinks =
        switch (request.reasoning().amount()) {
          case Reasoning.Unsaid _, Reasoning.Off _ -> false;
          case Reasoning.Auto _, Reasoning.Effort _, Reasoning.Budget _ -> true;
        };
    if (thinks) {
      body.putArray("include").add("reasoning.encrypted_content"); // refused by models that do not
    }
  }

  private void input(ObjectNode body, List<Message> messages) {
    int from = 0;
    if (!messages.isEmpty()) {
      Optional<String> instructions = instructions(messages.getFirst());
      instructions.ifPresent(i -> body.put("instructions", i));
      from = instructions.isPresent() ? 1 : 0;
    }
    ArrayNode items = body.putArray("input");
    ResponsesItemWriter writer = new ResponsesItemWriter(left);
    for (int i = from; i < messages.size(); i++) {
      writer.write(items, messages.get(i), "messages[%d]".formatted(i));
    }
  }

  /** A first system message of text alone. */
  private Optional<String> instructions(Message first) {
    boolean text =
        first.parts().stream()
            .allMatch(p -> p instanceof Part.Text || p instanceof Part.CachePoint);
    if (first.role() != Message.Role.SYSTEM || !text || first.parts().isEmpty()) {
      return Optional.empty();
    }
    StringBuilder all = new StringBuilder();
    for (Part part : first.parts()) {
      if (part instanceof Part.Text(String t)) {
        all.append(all.isEmpty() ? "" : "\n\n").append(t);
      } else {
        left.add("cache_control");
      }
    }
    return Optional.of(all.toString());
  }

  private void tools(ObjectNode body, GenerationRequest.Tools tools) {
    tools.parallel().ifPresent(p -> body.put("parallel_tool_calls", p));
    if (tools.offered().isEmpty()) {
      return;
    }
    ArrayNode array = body.putArray("tools");
    for (GenerationTool tool : tools.offered()) {
      array.add(tool(tool));
      if (tool instanceof GenerationTool.Function f) {
        left.addIf("cache_control", f.cached());
      }
    }
    if (!(tools.choice() instanceof ToolChoice.Auto)) {
      body.set("tool_choice", choice(tools.choice()));
    }
  }

  static ObjectNode tool(GenerationTool tool) {
    return switch (tool) {
      case GenerationTool.Function f -> {
        ObjectNode json = Json.object().put("type", "function").put("name", f.name());
        f.description().ifPresent(d -> json.put("description", d));
        json.set("parameters", f.parameters());
        // left unsaid, this wire would rewrite the schema to a strict one
        yield json.put("strict", f.strict().orElse(false));
      }
      case GenerationTool.Hosted h when h.wire().equals(ResponsesWire.NAME) -> h.definition();
      case GenerationTool.Hosted h ->
          throw new Unsupported(
              "tools: " + h.kind(),
              ResponsesWire.NAME,
              "offer function tools, or choose another model");
    };
  }

  static JsonNode choice(ToolChoice choice) {
    return switch (choice) {
      case ToolChoice.Auto _ -> StringNode.valueOf("auto");
      case ToolChoice.None _ -> StringNode.valueOf("none");
      case ToolChoice.Required _ -> StringNode.valueOf("required");
      case ToolChoice.Named(String name) -> Json.object().put("type", "function").put("name", name);
    };
  }

  private static void format(ObjectNode body, AnswerFormat format) {
    if (!(format instanceof AnswerFormat.Text)) {
      body.withObjectProperty("text").set("format", formatJson(format));
    }
  }

  static ObjectNode formatJson(AnswerFormat format) {
    ObjectNode json = Json.object();
    return switch (format) {
      case AnswerFormat.Text _ -> json.put("type", "text");
      case AnswerFormat.JsonObject _ -> json.put("type", "json_object");
      case AnswerFormat.JsonSchema s -> {
        json.put("type", "json_schema").put("name", s.name());
        s.description().ifPresent(d -> json.put("description", d));
        json.set("schema", s.schema());
        s.strict().ifPresent(strict -> json.put("strict", strict));
        yield json;
      }
    };
  }

  private static void reasoning(ObjectNode body, Reasoning reasoning) {
    Optional<String> effort = effort(reasoning);
    Optional<String> summary = reasoning.show().filter(s -> !s.equals("omitted"));
    if (effort.isEmpty() && summary.isEmpty()) {
      return;
    }
    ObjectNode json = body.withObjectProperty("reasoning");
    effort.ifPresent(e -> json.put("effort", e));
    summary.ifPresent(s -> json.put("summary", s));
  }

  /** The word for an amount; empty where the server's default says it. */
  static Optional<String> effort(Reasoning reasoning) {
    return switch (reasoning.amount()) {
      case Reasoning.Unsaid _, Reasoning.Auto _ -> Optional.empty();
      case Reasoning.Off _ -> Optional.of("none");
      case Reasoning.Effort(Reasoning.Level level) -> Optional.of(level.word());
      case Reasoning.Budget(int tokens) -> Optional.of(Reasoning.Level.of(tokens).word());
    };
  }

  private static void sampling(ObjectNode body, GenerationRequest request) {
    GenerationRequest.Sampling s = request.sampling();
    refuse("top_k", s.topK().isPresent());
    refuse("frequency_penalty", s.frequencyPenalty().isPresent());
    refuse("presence_penalty", s.presencePenalty().isPresent());
    refuse("seed", s.seed().isPresent());
    refuse("stop", !request.limits().stop().isEmpty());
    s.temperature().ifPresent(v -> body.put("temperature", v));
    s.topP().ifPresent(v -> body.put("top_p", v));
  }

  private static void refuse(String name, boolean said) {
    if (said) {
      throw new Unsupported(name, ResponsesWire.NAME, "leave it out");
    }
  }

  private static void terms(ObjectNode body, GenerationRequest request) {
    GenerationRequest.Terms terms = request.terms();
    terms.endUser().ifPresent(u -> body.put("safety_identifier", u));
    terms.serviceClass().ifPresent(c -> body.put("service_tier", c));
    if (!terms.labels().isEmpty()) {
      ObjectNode metadata = body.putObject("metadata");
      terms.labels().forEach(metadata::put);
    }
  }
}
