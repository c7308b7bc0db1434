package dev.krafla.wire;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One event of a streamed chat answer.
 *
 * @param created seconds since 1970
 * @param choices what is new, of one or more answers; empty in the chunk that carries the usage
 * @param usage in the last chunk, when it was asked for
 */
public record ChatChunk(
    String id, long created, String model, List<Choice> choices, Optional<TokenUsage> usage) {
  public ChatChunk {
    choices = List.copyOf(choices);
  }

  /**
   * What is new of one answer.
   *
   * @param finishReason set once, at its end: stop, length or tool_calls
   */
  public record Choice(
      int index,
      Delta delta,
      Optional<String> finishReason,
      Optional<List<ChatLogprob>> logprobs) {}

  /** A piece of a message; what is absent has not changed. */
  public record Delta(
      Optional<String> role,
      Optional<String> content,
      Optional<String> reasoning,
      List<ToolCallDelta> toolCalls) {
    /** Nothing new. */
    public static final Delta EMPTY =
        new Delta(Optional.empty(), Optional.empty(), Optional.empty(), List.of());

    public Delta {
      toolCalls = List.copyOf(toolCalls);
    }

    /** The opening of an assistant's message. */
    public static Delta opening() {
      return new Delta(Optional.of("assistant"), Optional.of(""), Optional.empty(), List.of());
    }

    public static Delta text(String text) {
      return new Delta(Optional.empty(), Optional.of(text), Optional.empty(), List.of());
    }

    public static Delta reasoning(String text) {
      return new Delta(Optional.empty(), Optional.empty(), Optional.of(text), List.of());
    }

    public static Delta toolCall(ToolCallDelta call) {
      return new Delta(Optional.empty(), Optional.empty(), Optional.empty(), List.of(call));
    }
  }

  /**
   * A piece of a tool call.
   *
   * @param index which call of the message, from 0
   * @param id and {@code name} come with the first piece only
   * @param arguments the next piece of JSON text
   */
  public record ToolCallDelta(
      int index, Optional<String> id, Optional<String> name, String arguments) {}

  /** The text that this chunk adds to the first answer; empty when it adds none. */
  public String text() {
    return choices.stream()
        .filter(c -> c.index == 0)
        .findFirst()
        .flatMap(c -> c.delta.content())
        .orElse("");
  }

  /**
   * The wire's form.
   *
   * @param withUsage whether chunks have a usage field at all (null but in the last)
   */
  public ObjectNode toJson(boolean withUsage) {
    ObjectNode json = Json.object();
    json.put("id", id)
        .put("object", "chat.completion.chunk")
        .put("created", created)
        .put("model", model);
    ArrayNode array = json.putArray("choices");
    choices.forEach(c -> array.add(choiceJson(c)));
    if (usage.isPresent()) {
      json.set("usage", usage.get().toJson());
    } else if (withUsage) {
      json.putNull("usage");
    }
    return json;
  }

  private static ObjectNode choiceJson(Choice c) {
    ObjectNode choice = Json.object();
    choice.put("index", c.index);
    ObjectNode delta = choice.putObject("delta");
    c.delta.role.ifPresent(r -> delta.put("role", r));
    c.delta.content.ifPresent(t -> delta.put("content", t));
    // DeepSeek's and llama.cpp's name, then vLLM's newer one: clients read either
    c.delta.reasoning.ifPresent(t -> delta.put("reasoning_content", t).put("reasoning", t));
    if (!c.delta.toolCalls.isEmpty()) {
      ArrayNode calls = delta.putArray("tool_calls");
      c.delta.toolCalls.forEach(t -> calls.add(toolCallJson(t)));
    }
    if (c.logprobs.isPresent()) {
      choice.set("logprobs", ChatLogprob.toJson(c.logprobs.get()));
    } else {
      choice.putNull("logprobs");
    }
    Json.putOrNull(choice, "finish_reason", c.finishReason);
    return choice;
  }

  private static ObjectNode toolCallJson(ToolCallDelta call) {
    ObjectNode json = Json.object();
    json.put("index", call.index);
    call.id.ifPresent(id -> json.put("id", id).put("type", "function"));
    ObjectNode function = json.putObject("function");
    call.name.ifPresent(n -> function.put("name", n));
    function.put("arguments", call.arguments);
    return json;
  }

  /** Reads a chunk of any OpenAI-compatible server. */
  static ChatChunk parse(ObjectNode json) {
    Fields body = Fields.of(json);
    return new ChatChunk(
        body.string("id").orElse(""),
        body.longInteger("created").orElse(0),
        body.string("model").orElse(""),
        body.objects("choices").stream().map(ChatChunk::choice).toList(),
        TokenUsage.parse(body));
  }

  private static Choice choice(Fields choice) {
    return new Choice(
        choice.integer("index").orElse(0),
        choice.object("delta").map(ChatChunk::delta).orElse(Delta.EMPTY),
        choice.string("finish_reason"),
        ChatLogprob.parse(choice));
  }

  private static Delta delta(Fields delta) {
    return new Delta(
        delta.string("role"),
        delta.string("content"),
        delta.string("reasoning_content").or(() -> delta.string("reasoning")),
        delta.objects("tool_calls").stream().map(ChatChunk::toolCall).toList());
  }

  private static ToolCallDelta toolCall(Fields call) {
    Optional<Fields> function = call.object("function");
    return new ToolCallDelta(
        call.integer("index").orElse(0),
        call.string("id"),
        function.flatMap(f -> f.string("name")),
        function.flatMap(f -> f.string("arguments")).orElse(""));
  }
}
