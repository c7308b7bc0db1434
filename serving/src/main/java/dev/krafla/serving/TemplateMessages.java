package dev.krafla.serving;

import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.ToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The wire's messages as one chat template takes them; what it wants is read from its source.
 * Immutable and thread-safe.
 */
final class TemplateMessages {
  private static final Pattern JOINS_ARGUMENTS = Pattern.compile("\\['arguments'] *[+~]");
  private static final Pattern ASKS_FOR_NO_CONTENT =
      Pattern.compile("\\['content'] is (?:not )?none");
  private static final int SHORT_ID = 9;

  private final boolean knowsDeveloper;
  private final boolean shortIds;
  private final boolean oneCallEach;
  private final boolean argumentsAsText;
  private final boolean contentAsNone;

  TemplateMessages(String source) {
    knowsDeveloper = source.contains("developer");
    shortIds = source.contains("with length 9"); // Mistral's refuse others
    oneCallEach = source.contains("single tool-calls"); // Llama's refuse more
    argumentsAsText = JOINS_ARGUMENTS.matcher(source).find(); // DeepSeek's join them with strings
    contentAsNone = ASKS_FOR_NO_CONTENT.matcher(source).find(); // and open a turn for an empty one
  }

  /** The template's {@code messages}, of messages that {@link #checkArguments} has let through. */
  List<Map<String, Object>> of(List<ChatMessage> messages) {
    return (oneCallEach ? withOneCallEach(messages) : messages)
        .stream().map(this::message).toList();
  }

  private Map<String, Object> message(ChatMessage message) {
    Map<String, Object> map = new LinkedHashMap<>();
    boolean asSystem = message.role().equals("developer") && !knowsDeveloper;
    map.put("role", asSystem ? "system" : message.role());
    putContent(map, message);
    message.reasoning().ifPresent(r -> map.put("reasoning_content", r));
    message.name().ifPresent(n -> map.put("name", n));
    message.toolCallId().ifPresent(id -> map.put("tool_call_id", id(id)));
    if (!message.toolCalls().isEmpty()) {
      map.put("tool_calls", message.toolCalls().stream().map(this::call).toList());
    }
    return map;
  }

  /** Templates join content with strings, so none is the empty string (as vLLM has it). */
  @SuppressWarnings("NullAway") // null is a value of templates
  private void putContent(Map<String, Object> map, ChatMessage message) {
    boolean none =
        contentAsNone && !message.toolCalls().isEmpty() && message.content().orElse("").isEmpty();
    map.put("content", none ? null : message.content().orElse(""));
  }

  private Map<String, Object> call(ToolCall call) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", call.name());
    // An object where the template writes it with tojson, as nearly all do.
    function.put(
        "arguments", argumentsAsText ? text(call) : Json.toMap(Json.parseObject(text(call))));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", id(call.id()));
    map.put("type", "function");
    map.put("function", function);
    return map;
  }

  private static String text(ToolCall call) {
    return call.arguments().isBlank() ? "{}" : call.arguments();
  }

  /** Ids of other servers are cut to what the template takes, in calls and results alike. */
  private String id(String id) {
    if (!shortIds) {
      return id;
    }
    String plain = "0".repeat(SHORT_ID) + id.replaceAll("[^a-zA-Z0-9]", "");
    return plain.substring(plain.length() - SHORT_ID);
  }

  /** A message with several calls as several, each followed by its result. */
  private static List<ChatMessage> withOneCallEach(List<ChatMessage> messages) {
    List<ChatMessage> out = new ArrayList<>();
    for (int i = 0; i < messages.size(); ) {
      ChatMessage message = messages.get(i);
      i++;
      if (message.toolCalls().size() < 2) {
        out.add(message);
        continue;
      }
      int end = i;
      while (end < messages.size() && messages.get(end).role().equals("tool")) {
        end++;
      }
      List<ChatMessage> results = new ArrayList<>(messages.subList(i, end));
      for (ToolCall call : message.toolCalls()) {
        out.add(withCall(message, call));
        results.stream()
            .filter(r -> r.toolCallId().filter(call.id()::equals).isPresent())
            .findFirst()
            .ifPresent(r -> {
              out.add(r);
              results.remove(r);
            });
      }
      out.addAll(results);
      i = end;
    }
    return out;
  }

  private static ChatMessage withCall(ChatMessage message, ToolCall call) {
    return new ChatMessage(
        message.role(),
        message.content(),
        message.reasoning(),
        List.of(call),
        message.toolCallId(),
        message.name());
  }

  /**
   * Refuses calls of earlier messages whose arguments are not an object in a string.
   *
   * @throws InvalidBody naming the first of them
   */
  static void checkArguments(List<ChatMessage> messages) {
    for (int m = 0; m < messages.size(); m++) {
      List<ToolCall> calls = messages.get(m).toolCalls();
      for (int c = 0; c < calls.size(); c++) {
        String param = "messages[%d].tool_calls[%d].function.arguments".formatted(m, c);
        try {
          Json.parseObject(text(calls.get(c)));
        } catch (InvalidBody e) {
          throw new InvalidBody(param, "'%s' is not a JSON object in a string".formatted(param));
        }
      }
    }
  }
}
