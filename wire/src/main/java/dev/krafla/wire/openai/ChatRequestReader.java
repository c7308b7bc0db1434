package dev.krafla.wire.openai;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A body of {@code POST /v1/chat/completions} as a request. */
final class ChatRequestReader {
  private static final Set<String> KNOWN =
      Set.of(
          "model",
          "messages",
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "response_format",
          "reasoning_effort",
          "reasoning",
          "thinking",
          "enable_thinking",
          "thinking_budget",
          "temperature",
          "top_p",
          "top_k",
          "frequency_penalty",
          "presence_penalty",
          "seed",
          "max_completion_tokens",
          "max_tokens",
          "stop",
          "user",
          "safety_identifier",
          "metadata",
          "service_tier",
          "stream");

  /** Hints to caches, and where a copy is kept: no answer depends on them. */
  private static final Set<String> HARMLESS =
      Set.of(
          "stream_options",
          "store",
          "prompt_cache_key",
          "prompt_cache_retention",
          "prompt_cache_options",
          "cache_salt");

  private ChatRequestReader() {}

  static GenerationRequest read(ObjectNode json) {
    Fields body = Fields.of(json);
    List<Message> messages =
        new ArrayList<>(body.objects("messages").stream().map(ChatMessages::read).toList());
    if (messages.isEmpty()) {
      throw body.has("messages")
          ? body.invalid("messages", "is empty; send at least one message")
          : body.missing("messages");
    }
    Extras extras = Extras.read(ChatWire.NAME, json, KNOWN, HARMLESS, ChatRequestReader::neutral);
    return new GenerationRequest(
        body.requireString("model"),
        messages,
        tools(body, extras),
        format(body),
        ChatReasoning.read(body),
        sampling(body),
        limits(body),
        terms(body),
        body.bool("stream").orElse(false),
        extras);
  }

  /** Fields that say what is so anyway. */
  private static boolean neutral(String name, JsonNode value) {
    return switch (name) {
      case "n" -> value.isNumber() && value.doubleValue() == 1;
      case "logprobs", "store" -> value.isBoolean() && !value.booleanValue();
      case "top_logprobs" -> value.isNumber() && value.doubleValue() == 0;
      case "logit_bias" -> value.isObject() && value.isEmpty();
      case "modalities" -> value.toString().equals("[\"text\"]");
      case "functions" -> value.isArray() && value.isEmpty();
      default -> false;
    };
  }

  private static Tools tools(Fields body, Extras extras) {
    List<GenerationTool> tools =
        body.objects("tools").stream().map(ChatRequestReader::tool).toList();
    return new Tools(tools, choice(body, tools, extras), body.bool("parallel_tool_calls"));
  }

  private static GenerationTool tool(Fields tool) {
    String type = tool.string("type").orElse("function");
    if (!type.equals("function")) {
      return new GenerationTool.Hosted(ChatWire.NAME, type, tool.node());
    }
    Fields function = tool.requireObject("function");
    return new GenerationTool.Function(
        function.requireString("name"),
        function.string("description"),
        function.object("parameters").map(Fields::node).orElseGet(OpenAiFields::noParameters),
        function.bool("strict"),
        tool.object("cache_control").map(c -> new Part.CachePoint(c.string("ttl"))));
  }

  private static ToolChoice choice(Fields body, List<GenerationTool> tools, Extras extras) {
    JsonNode value = body.get("tool_choice");
    if (value == null) {
      return new ToolChoice.Auto();
    }
    if (value.isString()) {
      return OpenAiFields.choiceWord(body, value.stringValue());
    }
    Fields choice = Fields.of(value, "tool_choice");
    if (!choice.string("type").orElse("function").equals("function")) {
      extras.binding().set("tool_choice", value); // allowed_tools, custom: this wire's own
      return new ToolChoice.Auto();
    }
    String name = choice.requireObject("function").requireString("name");
    boolean offered =
        tools.stream()
            .anyMatch(t -> t instanceof GenerationTool.Function f && f.name().equals(name));
    if (!offered) {
      throw body.invalid("tool_choice", "asks for a tool that is not in 'tools'");
    }
    return new ToolChoice.Named(name);
  }

  private static AnswerFormat format(Fields body) {
    Optional<Fields> asked = body.object("response_format");
    if (asked.isEmpty()) {
      return new AnswerFormat.Text();
    }
    Fields format = asked.get();
    String type = format.requireString("type");
    return switch (type) {
      case "text" -> new AnswerFormat.Text();
      case "json_object" -> new AnswerFormat.JsonObject();
      case "json_schema" -> {
        Fields schema = format.requireObject("json_schema");
        yield new AnswerFormat.JsonSchema(
            schema.string("name").orElse("answer"),
            schema.string("description"),
            schema.requireObject("schema").node(),
            schema.bool("strict"));
      }
      default ->
          throw format.invalid(
              "type",
              "is \"%s\"; it must be \"text\", \"json_object\" or \"json_schema\"".formatted(type));
    };
  }

  private static Sampling sampling(Fields body) {
    return new Sampling(
        body.number("temperature"),
        body.number("top_p"),
        body.integer("top_k"),
        body.number("frequency_penalty").filter(p -> p != 0),
        body.number("presence_penalty").filter(p -> p != 0),
        optional(body, "seed"));
  }

  private static Optional<Long> optional(Fields body, String name) {
    var value = body.longInteger(name);
    return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
  }

  private static Limits limits(Fields body) {
    OptionalInt max = body.integer("max_completion_tokens");
    return new Limits(
        max.isPresent() ? max : body.integer("max_tokens"), body.stringOrStrings("stop"));
  }

  private static Terms terms(Fields body) {
    return new Terms(
        body.string("safety_identifier").or(() -> body.string("user")),
        OpenAiFields.labels(body),
        body.string("service_tier"));
  }

  /** Whether the client wants a last chunk with the usage. */
  static boolean wantsUsage(GenerationRequest asked) {
    return asked.extras().wire().equals(ChatWire.NAME)
        && asked.extras().harmless().path("stream_options").path("include_usage").asBoolean(false);
  }
}
