package dev.krafla.serving;

import dev.krafla.models.output.OutputFormat;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.Json;
import dev.krafla.wire.Tool;
import dev.krafla.wire.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tools for models whose chat template does not tell them: described in the system message. Where
 * the template does not know calls and results either, they are plain messages. Immutable.
 */
final class ToolsInWords {
  /** The words of the Hermes function-calling format, which many models were trained on. */
  private static final String HERMES_LIST =
      """
      You may call one or more functions to assist with the user query. Their signatures are within \
      <tools></tools> XML tags:
      <tools>
      """;

  private static final String HERMES_FORM =
      """

      </tools>

      For each function call, return a JSON object with function name and arguments within \
      <tool_call></tool_call> XML tags:
      <tool_call>
      {"name": <function-name>, "arguments": <args-json-object>}
      </tool_call>\
      """;

  private static final String LIST =
      "You have access to these functions, one JSON signature a line:\n";

  private static final String JSON_FORM =
      """


      To call a function, answer with nothing but a JSON object of this form:
      ```json
      {"name": <function-name>, "arguments": <args-json-object>}
      ```
      For several calls, answer with an array of such objects. Where no function is needed, answer \
      in plain text.\
      """;

  private static final String DEEPSEEK_FORM =
      """


      To call functions, end your answer in exactly this form, with one part from \
      <｜tool▁call▁begin｜> to <｜tool▁call▁end｜> for each call:
      <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>\
      """;

  private static final String DEEPSEEK_V3 =
      "function<｜tool▁sep｜>FUNCTION_NAME\n```json\nARGUMENTS_AS_JSON_OBJECT\n```";
  private static final String DEEPSEEK_V31 = "FUNCTION_NAME<｜tool▁sep｜>ARGUMENTS_AS_JSON_OBJECT";

  private final String list; // before the tools
  private final String form; // behind them
  private final String callOpening;
  private final String callClosing;

  private ToolsInWords(String list, String form, String callOpening, String callClosing) {
    this.list = list;
    this.form = form;
    this.callOpening = callOpening;
    this.callClosing = callClosing;
  }

  /**
   * Words for calls in {@code format}; in those of Hermes where it has none.
   *
   * @param template source of the chat template
   */
  static ToolsInWords of(OutputFormat format, String template) {
    return switch (format) {
      case JSON -> new ToolsInWords(LIST, JSON_FORM, "```json\n", "\n```");
      case DEEPSEEK -> {
        String call = template.contains("```json") ? DEEPSEEK_V3 : DEEPSEEK_V31;
        String form = DEEPSEEK_FORM + call + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>";
        yield new ToolsInWords(LIST, form, "", ""); // the template writes calls itself
      }
      case HERMES, LLAMA3, MISTRAL, PLAIN ->
          new ToolsInWords(HERMES_LIST, HERMES_FORM, "<tool_call>\n", "\n</tool_call>");
    };
  }

  /** The conversation with the tools in its system message. */
  List<ChatMessage> describe(List<Tool> tools, List<ChatMessage> messages) {
    String signatures =
        tools.stream()
            .map(t -> Json.write(Json.toTree(t.definition())))
            .collect(Collectors.joining("\n"));
    String words = list + signatures + form;
    ChatMessage first = messages.getFirst();
    boolean hasSystem = first.role().equals("system") || first.role().equals("developer");
    List<ChatMessage> out = new ArrayList<>(messages);
    if (hasSystem) {
      out.removeFirst();
      words = text(first) + "\n\n" + words;
    }
    out.addFirst(ChatMessage.system(words));
    return out;
  }

  /** The conversation with calls and results as plain messages. */
  List<ChatMessage> plain(List<ChatMessage> messages) {
    List<ChatMessage> out = new ArrayList<>();
    boolean afterResult = false;
    for (ChatMessage message : messages) {
      boolean isResult = message.role().equals("tool");
      ChatMessage plain = plain(message);
      if (isResult && afterResult) { // of parallel calls: templates want the roles to alternate
        plain = ChatMessage.user(text(out.removeLast()) + "\n" + text(plain));
      }
      out.add(plain);
      afterResult = isResult;
    }
    return out;
  }

  private ChatMessage plain(ChatMessage message) {
    if (message.role().equals("tool")) {
      return ChatMessage.user("<tool_response>\n" + text(message) + "\n</tool_response>");
    }
    if (message.toolCalls().isEmpty()) {
      return message;
    }
    String calls = message.toolCalls().stream().map(this::call).collect(Collectors.joining("\n"));
    String text = text(message);
    return ChatMessage.assistant(text.isEmpty() ? calls : text + "\n" + calls);
  }

  private String call(ToolCall call) {
    ObjectNode json = Json.object();
    json.put("name", call.name());
    json.set("arguments", Json.parseObject(call.arguments().isBlank() ? "{}" : call.arguments()));
    return callOpening + Json.write(json) + callClosing;
  }

  private static String text(ChatMessage message) {
    return message.content().orElse("");
  }
}
