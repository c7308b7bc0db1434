package dev.krafla.wire;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Body of {@code POST /v1/chat/completions}.
 *
 * @param model empty for the server's own
 * @param topLogprobs absent: no logprobs; 0: the drawn token's only; k: the k likeliest too
 * @param templateVariables {@code chat_template_kwargs}: further variables of the chat template
 * @param generationPrompt end the prompt with the opening of the assistant's turn
 * @param stream answer in chunks
 * @param includeUsage end the stream with a chunk that holds the usage
 */
public record ChatRequest(
    String model,
    List<ChatMessage> messages,
    List<Tool> tools,
    ToolChoice toolChoice,
    boolean parallelToolCalls,
    OutputFormat format,
    GenerationOptions options,
    OptionalInt topLogprobs,
    Map<String, Object> templateVariables,
    boolean generationPrompt,
    boolean stream,
    boolean includeUsage) {
  private static final Set<String> MODALITIES = Set.of("[]", "[\"text\"]");

  public ChatRequest {
    messages = List.copyOf(messages);
    tools = List.copyOf(tools);
  }

  /** A conversation with the server's defaults. */
  public static ChatRequest of(String model, List<ChatMessage> messages) {
    return of(model, messages, GenerationOptions.DEFAULTS);
  }

  /** A conversation without tools. */
  public static ChatRequest of(
      String model, List<ChatMessage> messages, GenerationOptions options) {
    return new ChatRequest(
        model,
        messages,
        List.of(),
        new ToolChoice.Auto(),
        true,
        new OutputFormat.Text(),
        options,
        OptionalInt.empty(),
        Map.of(),
        true,
        false,
        false);
  }

  /**
   * Reads a body.
   *
   * @throws InvalidBody naming the field that is missing, wrong or not supported
   */
  public static ChatRequest parse(ObjectNode json) {
    Fields body = Fields.of(json);
    body.refuse("functions", v -> v.isArray() && v.isEmpty(), "use tools");
    body.refuse("function_call", v -> false, "use tool_choice");
    body.refuse("audio", v -> false, "this server answers in text");
    body.refuse("modalities", v -> MODALITIES.contains(v.toString()), "it answers in text");
    body.refuse("web_search_options", v -> false, "leave it out");
    body.refuse("echo", v -> v.isBoolean() && !v.booleanValue(), "use /v1/completions");
    body.refuse("continue_final_message", v -> v.isBoolean() && !v.booleanValue(), "leave it out");
    List<ChatMessage> messages = body.objects("messages").stream().map(ChatMessage::parse).toList();
    if (messages.isEmpty()) {
      throw body.has("messages")
          ? body.invalid("messages", "is empty; send at least one message")
          : body.missing("messages");
    }
    List<Tool> tools = body.objects("tools").stream().map(Tool::parse).toList();
    return new ChatRequest(
        body.string("model").orElse(""),
        messages,
        tools,
        ToolChoice.parse(body, tools),
        body.bool("parallel_tool_calls").orElse(true),
        OutputFormat.parse(body),
        GenerationOptions.parse(body),
        topLogprobs(body),
        body.object("chat_template_kwargs").map(f -> Json.toMap(f.node())).orElse(Map.of()),
        body.bool("add_generation_prompt").orElse(true),
        body.bool("stream").orElse(false),
        includeUsage(body));
  }

  private static OptionalInt topLogprobs(Fields body) {
    OptionalInt top = body.integer("top_logprobs");
    if (!body.bool("logprobs").orElse(false)) {
      if (top.orElse(0) > 0) {
        throw body.invalid("top_logprobs", "needs \"logprobs\": true");
      }
      return OptionalInt.empty();
    }
    return OptionalInt.of(top.orElse(0));
  }

  static boolean includeUsage(Fields body) {
    Optional<Fields> options = body.object("stream_options");
    return options.flatMap(o -> o.bool("include_usage")).orElse(false);
  }

  /** This request, to be streamed with its usage at the end. */
  public ChatRequest streaming() {
    return new ChatRequest(
        model,
        messages,
        tools,
        toolChoice,
        parallelToolCalls,
        format,
        options,
        topLogprobs,
        templateVariables,
        generationPrompt,
        true,
        true);
  }

  /** This request with tools to choose from. */
  public ChatRequest withTools(List<Tool> newTools, ToolChoice newChoice) {
    return new ChatRequest(
        model,
        messages,
        newTools,
        newChoice,
        parallelToolCalls,
        format,
        options,
        topLogprobs,
        templateVariables,
        generationPrompt,
        stream,
        includeUsage);
  }

  /** This request with a form that the answer must have. */
  public ChatRequest withFormat(OutputFormat newFormat) {
    return new ChatRequest(
        model,
        messages,
        tools,
        toolChoice,
        parallelToolCalls,
        newFormat,
        options,
        topLogprobs,
        templateVariables,
        generationPrompt,
        stream,
        includeUsage);
  }

  /** The wire's form. */
  public ObjectNode toJson() {
    ObjectNode body = Json.object();
    body.put("model", model);
    ArrayNode array = body.putArray("messages");
    messages.forEach(m -> array.add(m.toJson()));
    if (!tools.isEmpty()) {
      ArrayNode toolArray = body.putArray("tools");
      tools.forEach(t -> toolArray.add(Json.toTree(t.definition())));
      body.set("tool_choice", toolChoice.toJson());
      body.put("parallel_tool_calls", parallelToolCalls);
    }
    format.addTo(body);
    options.addTo(body);
    topLogprobs.ifPresent(k -> body.put("logprobs", true).put("top_logprobs", k));
    if (!templateVariables.isEmpty()) {
      body.set("chat_template_kwargs", Json.toTree(templateVariables));
    }
    if (!generationPrompt) {
      body.put("add_generation_prompt", false);
    }
    if (stream) {
      body.put("stream", true).putObject("stream_options").put("include_usage", includeUsage);
    }
    return body;
  }
}
