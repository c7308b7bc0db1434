package dev.krafla.wire.anthropic;

import dev.krafla.wire.Fields;
import dev.krafla.wire.ToolChoice;
import dev.krafla.wire.generation.AnswerFormat;
import dev.krafla.wire.generation.Extras;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationRequest.Limits;
import dev.krafla.wire.generation.GenerationRequest.Sampling;
import dev.krafla.wire.generation.GenerationRequest.Terms;
import dev.krafla.wire.generation.GenerationRequest.Tools;
import dev.krafla.wire.generation.GenerationTool;
import dev.krafla.wire.generation.Message;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Reasoning;
import dev.krafla.wire.generation.Reasoning.Amount;
import dev.krafla.wire.generation.Reasoning.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** A body of {@code POST /v1/messages} as a request. */
final class MessagesRequestReader {
  private static final Set<String> KNOWN =
      Set.of(
          "model",
          "messages",
          "system",
          "tools",
          "tool_choice",
          "thinking",
          "output_config",
          "temperature",
          "top_p",
          "top_k",
          "max_tokens",
          "stop_sequences",
          "metadata",
          "service_tier",
          "stream");

  /** Hints to the provider's cache and notes for its diagnostics. */
  private static final Set<String> HARMLESS = Set.of("cache_control", "diagnostics");

  /** Members of a function tool that this vocabulary has, or that change nothing. */
  private static final Set<String> FUNCTION =
      Set.of(
          "type",
          "name",
          "description",
          "input_schema",
          "strict",
          "cache_control",
          "eager_input_streaming");

  private MessagesRequestReader() {}

  static GenerationRequest read(ObjectNode json, boolean needsLimit) {
    Fields body = Fields.of(json);
    List<Message> messages = new ArrayList<>();
    List<Part> system = MessagesBlocks.read(body, "system");
    if (!system.isEmpty()) {
      messages.add(new Message(Message.Role.SYSTEM, system));
    }
    List<Fields> turns = body.objects("messages");
    if (turns.isEmpty()) {
      throw body.has("messages")
          ? body.invalid("messages", "is empty; send at least one message")
          : body.missing("messages");
    }
    turns.forEach(turn -> messages.add(message(turn)));
    OptionalInt maxTokens = body.integer("max_tokens");
    if (maxTokens.isEmpty() && needsLimit) {
      throw body.missing("max_tokens");
    }
    Extras extras =
        Extras.read(
            AnthropicWire.NAME,
            json,
            KNOWN,
            HARMLESS,
            (name, value) -> value.isContainer() && value.isEmpty());
    Optional<Fields> config = body.object("output_config");
    return new GenerationRequest(
        body.requireString("model"),
        messages,
        tools(body),
        format(config),
        reasoning(body.object("thinking"), config),
        new Sampling(
            body.number("temperature"),
            body.number("top_p"),
            body.integer("top_k"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        new Limits(maxTokens, body.strings("stop_sequences")),
        terms(body),
        body.bool("stream").orElse(false),
        extras);
  }

  private static Message message(Fields turn) {
    String role = turn.requireString("role");
    List<Part> parts = MessagesBlocks.read(turn, "content");
    if (!turn.has("content")) {
      throw turn.missing("content");
    }
    return switch (role) {
      case "user" -> new Message(Message.Role.USER, parts);
      case "assistant" -> new Message(Message.Role.ASSISTANT, parts);
      case "system" -> new Message(Message.Role.SYSTEM, parts);
      default ->
          throw turn.invalid("role", "is \"%s\"; it must be user or assistant".formatted(role));
    };
  }

  private static Tools tools(Fields body) {
    List<GenerationTool> tools =
        body.objects("tools").stream().map(MessagesRequestReader::tool).toList();
    Optional<Fields> choice = body.object("tool_choice");
    return new Tools(
        tools,
        choice.map(MessagesRequestReader::choice).orElseGet(ToolChoice.Auto::new),
        choice.flatMap(c -> c.bool("disable_parallel_tool_use")).map(disabled -> !disabled));
  }

  private static GenerationTool tool(Fields tool) {
    String type = tool.string("type").orElse("custom");
    if (!type.equals("custom")) {
      return new GenerationTool.Hosted(AnthropicWire.NAME, type, tool.node());
    }
    for (String member : tool.node().propertyNames()) {
      if (!FUNCTION.contains(member) && tool.has(member)) {
        return new GenerationTool.Hosted(
            AnthropicWire.NAME, tool.requireString("name") + " with " + member, tool.node());
      }
    }
    return new GenerationTool.Function(
        tool.requireString("name"),
        tool.string("description"),
        tool.requireObject("input_schema").node(),
        tool.bool("strict"),
        tool.object("cache_control").map(MessagesBlocks::cachePoint));
  }

  private static ToolChoice choice(Fields choice) {
    String type = choice.requireString("type");
    return switch (type) {
      case "auto" -> new ToolChoice.Auto();
      case "any" -> new ToolChoice.Required();
      case "none" -> new ToolChoice.None();
      case "tool" -> new ToolChoice.Named(choice.requireString("name"));
      default ->
          throw choice.invalid(
              "type", "is \"%s\"; it must be auto, any, tool or none".formatted(type));
    };
  }

  private static AnswerFormat format(Optional<Fields> config) {
    Optional<Fields> format = config.flatMap(c -> c.object("format"));
    if (format.isEmpty()) {
      return new AnswerFormat.Text();
    }
    String type = format.get().requireString("type");
    if (!type.equals("json_schema")) {
      throw format.get().invalid("type", "is \"%s\"; it must be json_schema".formatted(type));
    }
    return new AnswerFormat.JsonSchema(
        "answer",
        Optional.empty(),
        format.get().requireObject("schema").node(),
        Optional.of(true)); // this wire's formats are always kept to
  }

  private static Reasoning reasoning(Optional<Fields> thinking, Optional<Fields> config) {
    Optional<String> show = thinking.flatMap(t -> t.string("display"));
    Optional<Amount> effort = config.flatMap(c -> c.string("effort").map(e -> effort(c, e)));
    Optional<Amount> amount = thinking.map(MessagesRequestReader::amount);
    boolean worded = amount.isEmpty() || amount.get() instanceof Reasoning.Auto;
    return new Reasoning(
        (worded ? effort.or(() -> amount) : amount).orElseGet(Reasoning.Unsaid::new),
        show.map(s -> s.equals("summarized") ? "auto" : s));
  }

  private static Amount effort(Fields config, String word) {
    for (Level level : Level.values()) {
      if (level.word().equals(word)) {
        return new Reasoning.Effort(level);
      }
    }
    throw config.invalid(
        "effort", "is \"%s\"; it must be low, medium, high, xhigh or max".formatted(word));
  }

  private static Amount amount(Fields thinking) {
    String type = thinking.requireString("type");
    return switch (type) {
      case "disabled" -> new Reasoning.Off();
      case "adaptive", "between_tools" -> new Reasoning.Auto();
      case "enabled" ->
          new Reasoning.Budget(
              thinking
                  .integer("budget_tokens")
                  .orElseThrow(() -> thinking.missing("budget_tokens")));
      default ->
          throw thinking.invalid(
              "type", "is \"%s\"; it must be enabled, disabled or adaptive".formatted(type));
    };
  }

  private static Terms terms(Fields body) {
    Optional<String> tier = body.string("service_tier");
    return new Terms(
        body.object("metadata").flatMap(m -> m.string("user_id")),
        Map.of(),
        tier.map(t -> t.equals("standard_only") ? "default" : t));
  }
}
