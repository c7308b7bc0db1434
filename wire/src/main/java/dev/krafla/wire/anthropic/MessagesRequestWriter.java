package dev.krafla.wire.anthropic;

import dev.krafla.wire.Json;
import dev.krafla.wire.ToolChoice;
import dev.krafla.wire.Unsupported;
import dev.krafla.wire.generation.AnswerFormat;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationRequest.Sampling;
import dev.krafla.wire.generation.GenerationRequest.Terms;
import dev.krafla.wire.generation.GenerationTool;
import dev.krafla.wire.generation.Message;
import dev.krafla.wire.generation.Message.Role;
import dev.krafla.wire.generation.Omissions;
import dev.krafla.wire.generation.Reasoning;
import dev.krafla.wire.generation.Written;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A request as a body of {@code POST /v1/messages}. */
final class MessagesRequestWriter {
  /** Smallest budget that the wire takes. */
  private static final int LEAST_BUDGET = 1_024;

  private final MessagesDialect dialect;
  private final Omissions left = new Omissions();

  MessagesRequestWriter(MessagesDialect dialect) {
    this.dialect = dialect;
  }

  Written write(GenerationRequest request) {
    ObjectNode body = Json.object();
    int maxTokens = request.limits().maxTokens().orElse(dialect.defaultMaxTokens());
    body.put("model", request.model()).put("max_tokens", maxTokens);
    messages(body, request.messages());
    tools(body, request.tools());
    format(body, request.format());
    reasoning(body, request.reasoning(), maxTokens);
    sampling(body, request.sampling());
    if (!request.limits().stop().isEmpty()) {
      ArrayNode stop = body.putArray("stop_sequences");
      request.limits().stop().forEach(stop::add);
    }
    terms(body, request.terms());
    if (request.stream()) {
      body.put("stream", true);
    }
    left.addAll(request.extras().addTo(body, AnthropicWire.NAME));
    return new Written(body, left.names());
  }

  /** System messages at the beginning have a field of their own. */
  private void messages(ObjectNode body, List<Message> messages) {
    ArrayNode system = Json.array();
    ArrayNode turns = Json.array();
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      String at = "messages[%d]".formatted(i);
      left.addIf(at + ".name", message.name());
      boolean instructs = message.role() == Role.SYSTEM || message.role() == Role.DEVELOPER;
      if (instructs && turns.isEmpty()) {
        MessagesBlocks.write(system, message.parts(), at, left);
      } else {
        turn(turns, message, role(message.role(), at), at);
      }
    }
    if (!system.isEmpty()) {
      body.set("system", system);
    }
    body.set("messages", turns);
  }

  private String role(Role role, String at) {
    return switch (role) {
      case USER -> "user";
      case ASSISTANT -> "assistant";
      case SYSTEM, DEVELOPER -> {
        if (!dialect.systemTurns()) {
          throw new Unsupported(
              at + ".role",
              AnthropicWire.NAME,
              "put system messages before the first message of the user");
        }
        yield "system";
      }
    };
  }

  /**
   * Turns of one role in a row are one turn: the wire wants all results of a turn's calls in it.
   */
  private void turn(ArrayNode turns, Message message, String role, String at) {
    ObjectNode last = turns.isEmpty() ? null : (ObjectNode) turns.get(turns.size() - 1);
    if (last != null && last.path("role").asString().equals(role)) {
      MessagesBlocks.write((ArrayNode) last.path("content"), message.parts(), at, left);
      return;
    }
    ObjectNode turn = Json.object().put("role", role);
    MessagesBlocks.write(turn.putArray("content"), message.parts(), at, left);
    if (!turn.path("content").isEmpty()) {
      turns.add(turn);
    }
  }

  private void tools(ObjectNode body, GenerationRequest.Tools tools) {
    if (tools.offered().isEmpty()) {
      return;
    }
    ArrayNode array = body.putArray("tools");
    tools.offered().forEach(tool -> array.add(tool(tool)));
    boolean said = !(tools.choice() instanceof ToolChoice.Auto) || tools.parallel().isPresent();
    if (!said) {
      return;
    }
    ObjectNode choice = body.putObject("tool_choice");
    switch (tools.choice()) {
      case ToolChoice.Auto _ -> choice.put("type", "auto");
      case ToolChoice.None _ -> choice.put("type", "none");
      case ToolChoice.Required _ -> choice.put("type", "any");
      case ToolChoice.Named(String name) -> choice.put("type", "tool").put("name", name);
    }
    if (!(tools.choice() instanceof ToolChoice.None)) {
      tools.parallel().ifPresent(p -> choice.put("disable_parallel_tool_use", !p));
    }
  }

  private static ObjectNode tool(GenerationTool tool) {
    return switch (tool) {
      case GenerationTool.Function f -> {
        ObjectNode json = Json.object().put("name", f.name());
        f.description().ifPresent(d -> json.put("description", d));
        json.set("input_schema", f.parameters());
        f.strict().ifPresent(s -> json.put("strict", s));
        f.cached().ifPresent(c -> json.set("cache_control", MessagesBlocks.control(c)));
        yield json;
      }
      case GenerationTool.Hosted h when h.wire().equals(AnthropicWire.NAME) -> h.definition();
      case GenerationTool.Hosted h ->
          throw new Unsupported(
              "tools: " + h.kind(),
              AnthropicWire.NAME,
              "offer function tools, or choose another model");
    };
  }

  private void format(ObjectNode body, AnswerFormat format) {
    switch (format) {
      case AnswerFormat.Text _ -> {}
      case AnswerFormat.JsonObject _ ->
          throw new Unsupported(
              "response_format: json_object", AnthropicWire.NAME, "send a JSON schema");
      case AnswerFormat.JsonSchema s -> {
        left.addIf("response_format.description", s.description());
        body.withObjectProperty("output_config")
            .putObject("format")
            .put("type", "json_schema")
            .set("schema", s.schema());
      }
    }
  }

  private void reasoning(ObjectNode body, Reasoning reasoning, int maxTokens) {
    switch (reasoning.amount()) {
      case Reasoning.Unsaid _ -> {
        left.addIf("reasoning.summary", reasoning.show());
        return;
      }
      case Reasoning.Off _ -> {
        body.putObject("thinking").put("type", "disabled");
        return;
      }
      case Reasoning.Auto _ -> {
        if (dialect.adaptive()) {
          body.putObject("thinking").put("type", "adaptive");
        } else {
          budget(body, Reasoning.Level.MEDIUM.tokens(), maxTokens, false);
        }
      }
      case Reasoning.Effort(Reasoning.Level level) -> {
        if (dialect.adaptive()) {
          body.putObject("thinking").put("type", "adaptive");
          body.withObjectProperty("output_config").put("effort", word(level));
        } else {
          budget(body, level.tokens(), maxTokens, false);
        }
      }
      case Reasoning.Budget(int tokens) -> budget(body, tokens, maxTokens, true);
    }
    Optional<String> show = reasoning.show().map(s -> s.equals("omitted") ? s : "summarized");
    show.ifPresent(s -> body.withObjectProperty("thinking").put("display", s));
  }

  /** This wire's words begin at low. */
  private static String word(Reasoning.Level level) {
    return level == Reasoning.Level.MINIMAL ? Reasoning.Level.LOW.word() : level.word();
  }

  /**
   * @param exact the client counted the tokens itself; else they stand for a word and may shrink
   */
  private static void budget(ObjectNode body, int tokens, int maxTokens, boolean exact) {
    int budget = exact ? tokens : Math.min(tokens, maxTokens / 2);
    if (budget >= maxTokens || maxTokens <= LEAST_BUDGET) {
      throw new Unsupported(
          "max_tokens",
          AnthropicWire.NAME,
          "it is %d, and thinking takes a budget of at least %d below it: raise it, or ask for no reasoning"
              .formatted(maxTokens, Math.max(LEAST_BUDGET, budget)));
    }
    body.putObject("thinking")
        .put("type", "enabled")
        .put("budget_tokens", exact ? budget : Math.max(LEAST_BUDGET, budget));
  }

  private static void sampling(ObjectNode body, Sampling s) {
    if (s.temperature().orElse(0.0) > 1) {
      throw new Unsupported("temperature", AnthropicWire.NAME, "it takes 0 to 1");
    }
    refuse("frequency_penalty", s.frequencyPenalty());
    refuse("presence_penalty", s.presencePenalty());
    refuse("seed", s.seed());
    s.temperature().ifPresent(v -> body.put("temperature", v));
    s.topP().ifPresent(v -> body.put("top_p", v));
    s.topK().ifPresent(v -> body.put("top_k", v));
  }

  private static void refuse(String name, Optional<?> value) {
    if (value.isPresent()) {
      throw new Unsupported(name, AnthropicWire.NAME, "leave it out");
    }
  }

  private void terms(ObjectNode body, Terms terms) {
    terms.endUser().ifPresent(u -> body.putObject("metadata").put("user_id", u));
    if (!terms.labels().isEmpty()) {
      left.add("metadata");
    }
    Optional<String> tier = terms.serviceClass();
    if (tier.isEmpty()) {
      return;
    }
    switch (tier.get()) {
      case "auto" -> body.put("service_tier", "auto");
      case "default" -> body.put("service_tier", "standard_only");
      default -> left.add("service_tier");
    }
  }
}
