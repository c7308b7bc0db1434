package dev.krafla.serving;

import dev.krafla.models.ChatTemplate;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.Tool;
import dev.krafla.wire.ToolCall;
import dev.krafla.wire.ToolChoice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A conversation as the text that the model continues. */
final class ChatPrompt {
  private final ServedModel served;

  ChatPrompt(ServedModel served) {
    this.served = served;
  }

  /**
   * The prompt of {@code chat}, through the model's chat template.
   *
   * @throws dev.krafla.models.ChatTemplateException when the template refuses the conversation
   */
  String render(ChatRequest chat) {
    ChatTemplate template =
        served
            .model()
            .chatTemplate()
            .orElseThrow(() ->
                Refused.invalid(
                    "model",
                    "the model '%s' has no chat template; use /v1/completions"
                        .formatted(served.id())));
    List<Tool> tools =
        chat.toolChoice() instanceof ToolChoice.None ? List.<Tool>of() : chat.tools();
    List<ChatMessage> conversation = chat.messages();
    if (!tools.isEmpty() && !knowsTools()) {
      checkArguments(conversation);
      conversation = ToolsInWords.rewrite(conversation, tools);
      tools = List.of();
    }
    boolean knowsDeveloper = template.source().contains("developer");
    List<Map<String, Object>> messages = new ArrayList<>();
    for (int i = 0; i < conversation.size(); i++) {
      messages.add(forTemplate(conversation.get(i), i, knowsDeveloper));
    }
    return template.render(
        messages,
        tools.stream().map(Tool::definition).toList(),
        chat.generationPrompt(),
        chat.templateVariables());
  }

  /** Whether the chat template can describe tools; if not, {@link ToolsInWords} does. */
  boolean knowsTools() {
    return served.model().chatTemplate().map(t -> t.source().contains("tools")).orElse(false);
  }

  /** Ids of a rendered prompt. The template has written the special tokens, so none are added. */
  int[] tokenize(String rendered) {
    return served.tokenizer().encode(rendered, false, true);
  }

  private static Map<String, Object> forTemplate(
      ChatMessage message, int index, boolean knowsDeveloper) {
    Map<String, Object> map = new LinkedHashMap<>();
    boolean asSystem = message.role().equals("developer") && !knowsDeveloper;
    map.put("role", asSystem ? "system" : message.role());
    // Templates join content with strings, so none is the empty string (as vLLM has it).
    map.put("content", message.content().orElse(""));
    message.reasoning().ifPresent(r -> map.put("reasoning_content", r));
    message.name().ifPresent(n -> map.put("name", n));
    message.toolCallId().ifPresent(id -> map.put("tool_call_id", id));
    if (!message.toolCalls().isEmpty()) {
      List<Object> calls = new ArrayList<>();
      for (int i = 0; i < message.toolCalls().size(); i++) {
        calls.add(forTemplate(message.toolCalls().get(i), callPath(index, i)));
      }
      map.put("tool_calls", calls);
    }
    return map;
  }

  /** Arguments as an object, not as text: templates write them with {@code tojson}. */
  private static Map<String, Object> forTemplate(ToolCall call, String path) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", call.name());
    function.put("arguments", arguments(call, path));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", call.id());
    map.put("type", "function");
    map.put("function", function);
    return map;
  }

  private static Map<String, Object> arguments(ToolCall call, String path) {
    try {
      return Json.toMap(Json.parseObject(call.arguments().isBlank() ? "{}" : call.arguments()));
    } catch (InvalidBody e) {
      String param = path + ".function.arguments";
      throw new InvalidBody(param, "'%s' is not a JSON object in a string".formatted(param));
    }
  }

  private static void checkArguments(List<ChatMessage> messages) {
    for (int m = 0; m < messages.size(); m++) {
      List<ToolCall> calls = messages.get(m).toolCalls();
      for (int c = 0; c < calls.size(); c++) {
        arguments(calls.get(c), callPath(m, c));
      }
    }
  }

  private static String callPath(int message, int call) {
    return "messages[%d].tool_calls[%d]".formatted(message, call);
  }
}
