package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.models.output.OutputFormat;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.Tool;
import dev.krafla.wire.ToolCall;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ToolsInWordsTest {
  private static final Tool CLOCK = Tool.of("get_time", "50 % exact.", "{\"type\":\"object\"}");

  private static List<ChatMessage> describe(OutputFormat format, ChatMessage... messages) {
    return ToolsInWords.of(format, "").describe(List.of(CLOCK), List.of(messages));
  }

  private static String text(ChatMessage message) {
    return message.content().orElse("");
  }

  @Test
  void describesToolsInASystemMessageOfTheirOwn() {
    List<ChatMessage> messages = describe(OutputFormat.HERMES, ChatMessage.user("Hi"));

    assertThat(messages).extracting(ChatMessage::role).containsExactly("system", "user");
    assertThat(text(messages.getFirst()))
        .startsWith("You may call one or more functions")
        .contains("<tools>\n{\"type\":\"function\"", "50 % exact.", "\n</tools>\n")
        .endsWith("</tool_call>");
  }

  @Test
  void addsThemToTheSystemOrDeveloperMessageThatIsThere() {
    var developer =
        new ChatMessage(
            "developer",
            Optional.of("Be terse."),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty());

    for (ChatMessage first : List.of(ChatMessage.system("Be terse."), developer)) {
      List<ChatMessage> messages = describe(OutputFormat.JSON, first, ChatMessage.user("Hi"));

      assertThat(messages).extracting(ChatMessage::role).containsExactly("system", "user");
      assertThat(text(messages.getFirst())).startsWith("Be terse.\n\n").contains("```json\n{");
    }
  }

  @Test
  void writesDeepSeeksCallsInTheFormOfItsTemplate() {
    ToolsInWords v3 = ToolsInWords.of(OutputFormat.DEEPSEEK, "'\\n```json\\n'");
    ToolsInWords v31 = ToolsInWords.of(OutputFormat.DEEPSEEK, "");
    List<ChatMessage> messages = List.of(ChatMessage.user("Hi"));

    assertThat(text(v3.describe(List.of(CLOCK), messages).getFirst()))
        .contains("<｜tool▁call▁begin｜>function<｜tool▁sep｜>FUNCTION_NAME\n```json\n");
    assertThat(text(v31.describe(List.of(CLOCK), messages).getFirst()))
        .contains("<｜tool▁call▁begin｜>FUNCTION_NAME<｜tool▁sep｜>ARGUMENTS");
  }

  @Test
  void writesCallsAndResultsAsMessagesThatAlternate() {
    var call = new ToolCall("c1", "get_time", "{\"zone\": \"CET\"}");
    var asking =
        new ChatMessage(
            "assistant",
            Optional.of("I look."),
            Optional.empty(),
            List.of(call, new ToolCall("c2", "get_time", "")),
            Optional.empty(),
            Optional.empty());

    List<ChatMessage> messages =
        ToolsInWords.of(OutputFormat.HERMES, "")
            .plain(
                List.of(
                    ChatMessage.user("When?"),
                    asking,
                    ChatMessage.toolResult("c1", "12:00"),
                    ChatMessage.toolResult("c2", "11:00"),
                    ChatMessage.assistant("Noon.")));

    assertThat(messages)
        .containsExactly(
            ChatMessage.user("When?"),
            ChatMessage.assistant(
                "I look.\n<tool_call>\n{\"name\":\"get_time\",\"arguments\":{\"zone\":\"CET\"}}\n"
                    + "</tool_call>\n<tool_call>\n{\"name\":\"get_time\",\"arguments\":{}}\n"
                    + "</tool_call>"),
            ChatMessage.user(
                "<tool_response>\n12:00\n</tool_response>\n<tool_response>\n11:00\n"
                    + "</tool_response>"),
            ChatMessage.assistant("Noon."));
  }
}
