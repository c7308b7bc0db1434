package dev.krafla.wire.responses;

import dev.krafla.wire.Fields;
import dev.krafla.wire.Json;
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
import dev.krafla.wire.generation.Reasoning;
import dev.krafla.wire.openai.OpenAiFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A body of {@code POST /v1/responses} as a request. */
final class ResponsesRequestReader {
  private static final Set<String> KNOWN =
      Set.of(
          "model",
          "input",
          "instructions",
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "text",
          "reasoning",
          "temperature",
          "top_p",
          "max_output_tokens",
          "user",
          "safety_identifier",
          "metadata",
          "service_tier",
          "stream");

  /** Hints to caches, and where a copy is kept: no answer depends on them. */
  private static final Set<String> HARMLESS =
      Set.of(
          Conversation.CAME_FROM,
          "store",
          "include",
          "stream_options",
          "prompt_cache_key",
          "prompt_cache_retention",
          "prompt_cache_options");

  private ResponsesRequestReader() {}

  static GenerationRequest read(ObjectNode json) {
    Fields body = Fields.of(json);
    List<Message> messages = new ArrayList<>();
    body.string("instructions")
        .filter(i -> !i.isEmpty())
        .ifPresent(i -> messages.add(Message.text(Message.Role.SYSTEM, i)));
    messages.addAll(ResponsesItems.read(body));
    Extras extras =
        Extras.read(ResponsesWire.NAME, json, KNOWN, HARMLESS, ResponsesRequestReader::neutral);
    return new GenerationRequest(
        body.requireString("model"),
        messages,
        tools(body, extras),
        format(body, extras),
        reasoning(body, extras),
        new Sampling(
            body.number("temperature"),
            body.number("top_p"),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        new Limits(body.integer("max_output_tokens"), List.of()),
        new Terms(
            body.string("safety_identifier").or(() -> body.string("user")),
            OpenAiFields.labels(body),
            body.string("service_tier")),
        body.bool("stream").orElse(false),
        extras);
  }

  /** Fields that say what is so anyway. */
  private static boolean neutral(String name, JsonNode value) {
    return switch (name) {
      case "truncation" -> value.isString() && value.stringValue().equals("disabled");
      case "background" -> value.isBoolean() && !value.booleanValue();
      case "top_logprobs" -> value.isNumber() && value.doubleValue() == 0;
      default -> value.isContainer() && value.isEmpty();
    };
  }

  private static Tools tools(Fields body, Extras extras) {
    List<GenerationTool> tools =
        body.objects("tools").stream().map(ResponsesRequestReader::tool).toList();
    return new Tools(tools, choice(body, extras), body.bool("parallel_tool_calls"));
  }

  private static GenerationTool tool(Fields tool) {
    String type = tool.requireString("type");
    if (!type.equals("function")) {
      return new GenerationTool.Hosted(ResponsesWire.NAME, type, tool.node());
    }
    return new GenerationTool.Function(
        tool.requireString("name"),
        tool.string("description"),
        tool.object("parameters").map(Fields::node).orElseGet(OpenAiFields::noParameters),
        tool.bool("strict"),
        Optional.empty());
  }

  private static ToolChoice choice(Fields body, Extras extras) {
    JsonNode value = body.get("tool_choice");
    if (value == null) {
      return new ToolChoice.Auto();
    }
    if (value.isString()) {
      return OpenAiFields.choiceWord(body, value.stringValue());
    }
    Fields choice = Fields.of(value, "tool_choice");
    if (choice.requireString("type").equals("function")) {
      return new ToolChoice.Named(choice.requireString("name"));
    }
    extras.binding().set("tool_choice", value); // a hosted tool, or a set of allowed ones
    return new ToolChoice.Auto();
  }

  private static AnswerFormat format(Fields body, Extras extras) {
    Optional<Fields> text = body.object("text");
    text.ifPresent(t -> keepRest(extras, "text", t, Set.of("format")));
    Optional<Fields> asked = text.flatMap(t -> t.object("format"));
    if (asked.isEmpty()) {
      return new AnswerFormat.Text();
    }
    Fields format = asked.get();
    String type = format.requireString("type");
    return switch (type) {
      case "text" -> new AnswerFormat.Text();
      case "json_object" -> new AnswerFormat.JsonObject();
      case "json_schema" ->
          new AnswerFormat.JsonSchema(
              format.string("name").orElse("answer"),
              format.string("description"),
              format.requireObject("schema").node(),
              format.bool("strict"));
      default ->
          throw format.invalid(
              "type",
              "is \"%s\"; it must be \"text\", \"json_object\" or \"json_schema\"".formatted(type));
    };
  }

  private static Reasoning reasoning(Fields body, Extras extras) {
    Optional<Fields> object = body.object("reasoning");
    object.ifPresent(
        r -> keepRest(extras, "reasoning", r, Set.of("effort", "summary", "generate_summary")));
    return new Reasoning(
        object.flatMap(r -> OpenAiFields.effort(r, "effort")).orElseGet(Reasoning.Unsaid::new),
        object.flatMap(r -> r.string("summary").or(() -> r.string("generate_summary"))));
  }

  /** Members of an object that this vocabulary does not have stay with their wire. */
  private static void keepRest(Extras extras, String name, Fields object, Set<String> known) {
    ObjectNode rest = Json.object();
    for (String member : object.node().propertyNames()) {
      if (!known.contains(member) && object.has(member)) {
        rest.set(member, object.node().get(member));
      }
    }
    boolean usual =
        rest.size() == 1 && rest.path("verbosity").asString("").equals("medium"); // the default
    if (!rest.isEmpty() && !usual) {
      extras.binding().set(name, rest);
    }
  }
}
