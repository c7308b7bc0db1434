package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.ToolCall;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TemplateMessagesTest {
  private static final ToolCall ROME = new ToolCall("call_r", "get_weather", "{\"at\":\"Rome\"}");
  private static final ToolCall OSLO = new ToolCall("call_o", "get_weather", "{\"at\":\"Oslo\"}");
  private static final List<ChatMessage> TURNS =
      List.of(
          ChatMessage.user("Weather?"),
          calling(ROME, OSLO),
          ChatMessage.toolResult("call_o", "3"),
          ChatMessage.toolResult("call_r", "21"));

  private static ChatMessage calling(ToolCall... calls) {
    return new ChatMessage(
        "assistant",
        Optional.empty(),
        Optional.empty(),
        List.of(calls),
        Optional.empty(),
        Optional.empty());
  }

  private static String render(String source, List<ChatMessage> messages) {
    return Json.write(Json.toTree(new TemplateMessages(source).of(messages)));
  }

  private static Map<String, Object> second(String source) {
    return new TemplateMessages(source).of(TURNS).get(1);
  }

  @Test
  void givesCallsAsObjectsAndNoContentAsTheEmptyString() {
    assertThat(render("{{ messages }}", TURNS))
        .contains(
            "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"call_r\","
                + "\"type\":\"function\",\"function\":{\"name\":\"get_weather\","
                + "\"arguments\":{\"at\":\"Rome\"}}},")
        .contains("{\"role\":\"tool\",\"content\":\"21\",\"tool_call_id\":\"call_r\"}");
  }

  @Test
  void followsEachCallByItsResultWhereATemplateTakesOneAtATime() {
    String source =
        "{{ raise_exception(\"This model only supports single tool-calls at once!\") }}";

    List<Map<String, Object>> messages = new TemplateMessages(source).of(TURNS);

    assertThat(messages)
        .extracting(m -> m.get("role"))
        .containsExactly("user", "assistant", "tool", "assistant", "tool");
    assertThat(messages.get(1).toString()).contains("Rome");
    assertThat(messages.get(2)).containsEntry("content", "21");
    assertThat(messages.get(3).toString()).contains("Oslo");
    assertThat(messages.get(4)).containsEntry("content", "3");
  }

  @Test
  void keepsResultsThatAnswerNoCall() {
    String source =
        "{{ raise_exception(\"This model only supports single tool-calls at once!\") }}";
    List<ChatMessage> messages =
        List.of(calling(ROME, OSLO), ChatMessage.toolResult("other", "1"), ChatMessage.user("So?"));

    assertThat(new TemplateMessages(source).of(messages))
        .extracting(m -> m.get("content"))
        .containsExactly("", "", "1", "So?");
  }

  @Test
  void cutsIdsInCallsAndResultsAlikeWhereATemplateWantsNineLetters() {
    String source = "{{ raise_exception(\"… alphanumeric strings with length 9!\") }}";
    var other = new ToolCall("chatcmpl-tool-0123456789abcdef", "get_weather", "{}");
    List<ChatMessage> messages =
        List.of(
            calling(ROME, other),
            ChatMessage.toolResult(ROME.id(), "21"),
            ChatMessage.toolResult(other.id(), "3"));

    assertThat(render(source, messages))
        .contains("\"id\":\"0000callr\"", "\"tool_call_id\":\"0000callr\"")
        .contains("\"id\":\"789abcdef\"", "\"tool_call_id\":\"789abcdef\"");
  }

  @Test
  void givesArgumentsAsTextWhereATemplateJoinsThemWithStrings() {
    String source = "{{ '```json\\n' + tool['function']['arguments'] + '\\n```' }}";

    assertThat(second(source).toString()).contains("arguments={\"at\":\"Rome\"}");
    assertThat(second("{{ tool['function']['arguments'] | tojson + '}' }}").toString())
        .contains("arguments={at=Rome}");
  }

  @Test
  void givesNoContentAsNoneWhereATemplateAsksForIt() {
    assertThat(second("{% if message['content'] is not none %}")).containsEntry("content", null);
  }

  @Test
  void namesTheCallWhoseArgumentsAreNoObject() {
    var broken = new ToolCall("call_b", "get_weather", "[1]");

    List<ChatMessage> messages = List.of(ChatMessage.user("Hi"), calling(ROME, broken));

    assertThatThrownBy(() -> TemplateMessages.checkArguments(messages))
        .isInstanceOf(InvalidBody.class)
        .hasMessageContaining("messages[1].tool_calls[1].function.arguments");
  }
}
