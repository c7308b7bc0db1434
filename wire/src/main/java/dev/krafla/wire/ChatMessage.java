package dev.krafla.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One message of a conversation.
 *
 * @param role system, developer, user, assistant or tool
 * @param content text; absent only for an assistant that calls tools or answers nothing
 * @param reasoning what the model thought before it answered
 * @param toolCalls of an assistant
 * @param toolCallId of a tool's result: which call it answers
 * @param name of the participant, or of the tool
 */
public record ChatMessage(
    String role,
    Optional<String> content,
    Optional<String> reasoning,
    List<ToolCall> toolCalls,
    Optional<String> toolCallId,
    Optional<String> name) {
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool");

  public ChatMessage {
    toolCalls = List.copyOf(toolCalls);
  }

  public static ChatMessage system(String content) {
    return plain("system", content);
  }

  public static ChatMessage user(String content) {
    return plain("user", content);
  }

  public static ChatMessage assistant(String content) {
    return plain("assistant", content);
  }

  /** The result of the call {@code toolCallId}. */
  public static ChatMessage toolResult(String toolCallId, String content) {
    return new ChatMessage(
        "tool",
        Optional.of(content),
        Optional.empty(),
        List.of(),
        Optional.of(toolCallId),
        Optional.empty());
  }

  private static ChatMessage plain(String role, String content) {
    return new ChatMessage(
        role,
        Optional.of(content),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  /** Reads a message of a request. */
  static ChatMessage parse(Fields message) {
    String role = message.requireString("role");
    if (!ROLES.contains(role)) {
      throw message.invalid(
          "role",
          "is \"%s\"; it must be system, developer, user, assistant or tool".formatted(role));
    }
    message.refuse("function_call", v -> false, "use tool_calls");
    message.refuse("audio", v -> false, "send text");
    List<ToolCall> calls = message.objects("tool_calls").stream().map(ToolCall::parse).toList();
    Optional<String> content = content(message);
    if (content.isEmpty() && !role.equals("assistant")) {
      throw message.missing("content");
    }
    return new ChatMessage(
        role,
        content,
        message.string("reasoning_content").or(() -> message.string("reasoning")),
        calls,
        message.string("tool_call_id"),
        message.string("name"));
  }

  /** Text, or text parts joined by line breaks (as vLLM does for templates that want a string). */
  private static Optional<String> content(Fields message) {
    JsonNode content = message.get("content");
    if (content instanceof ArrayNode) {
      List<String> texts = new ArrayList<>();
      for (Fields part : message.objects("content")) {
        String type = part.requireString("type");
        switch (type) {
          case "text", "input_text" -> texts.add(part.requireString("text"));
          case "refusal" -> texts.add(part.requireString("refusal"));
          default ->
              throw part.invalid(
                  "type", "is \"%s\"; this model takes text parts only".formatted(type));
        }
      }
      return Optional.of(String.join("\n", texts));
    }
    return message.string("content");
  }

  /** The wire's form, for requests. */
  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("role", role);
    Json.putOrNull(json, "content", content);
    reasoning.ifPresent(r -> json.put("reasoning_content", r));
    name.ifPresent(n -> json.put("name", n));
    toolCallId.ifPresent(id -> json.put("tool_call_id", id));
    if (!toolCalls.isEmpty()) {
      ArrayNode calls = json.putArray("tool_calls");
      toolCalls.forEach(c -> calls.add(c.toJson()));
    }
    return json;
  }
}
