package dev.krafla.serving;

import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.Json;
import dev.krafla.wire.Tool;
import dev.krafla.wire.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tools for models whose chat template does not know them: described in the system message, called
 * and answered in tags, in the words of the Hermes function-calling format that many models were
 * trained on.
 */
final class ToolsInWords {
  private ToolsInWords() {}

  /** The conversation with the tools, their calls and results as plain messages. */
  static List<ChatMessage> rewrite(List<ChatMessage> messages, List<Tool> tools) {
    List<ChatMessage> out = new ArrayList<>();
    String words = describe(tools);
    boolean hasSystem = messages.getFirst().role().equals("system");
    out.add(
        ChatMessage.system(
            hasSystem ? messages.getFirst().content().orElse("") + "\n\n" + words : words));
    for (ChatMessage message : messages.subList(hasSystem ? 1 : 0, messages.size())) {
      ChatMessage plain = plain(message);
      ChatMessage last = out.getLast();
      boolean joins = message.role().equals("tool") && last.role().equals("user") && out.size() > 1;
      if (joins) { // results of parallel calls: templates want the roles to alternate
        out.removeLast();
        plain = ChatMessage.user(text(last) + "\n" + text(plain));
      }
      out.add(plain);
    }
    return out;
  }

  private static String describe(List<Tool> tools) {
    String signatures =
        tools.stream()
            .map(t -> Json.write(Json.toTree(t.definition())))
            .collect(Collectors.joining("\n"));
    return """
    You may call one or more functions to assist with the user query. Their signatures are within \
    <tools></tools> XML tags:
    <tools>
    %s
    </tools>

    For each function call, return a JSON object with function name and arguments within \
    <tool_call></tool_call> XML tags:
    <tool_call>
    {"name": <function-name>, "arguments": <args-json-object>}
    </tool_call>\
    """
        .formatted(signatures);
  }

  private static ChatMessage plain(ChatMessage message) {
    if (message.role().equals("tool")) {
      return ChatMessage.user("<tool_response>\n" + text(message) + "\n</tool_response>");
    }
    if (message.toolCalls().isEmpty()) {
      return message;
    }
    String calls =
        message.toolCalls().stream().map(ToolsInWords::call).collect(Collectors.joining("\n"));
    String text = text(message);
    return ChatMessage.assistant(text.isEmpty() ? calls : text + "\n" + calls);
  }

  private static String call(ToolCall call) {
    ObjectNode json = Json.object();
    json.put("name", call.name());
    json.set("arguments", Json.parseObject(call.arguments().isBlank() ? "{}" : call.arguments()));
    return "<tool_call>\n" + Json.write(json) + "\n</tool_call>";
  }

  private static String text(ChatMessage message) {
    return Optional.of(message).flatMap(ChatMessage::content).orElse("");
  }
}
