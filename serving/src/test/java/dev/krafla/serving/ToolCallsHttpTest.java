package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.wire.ChatChunk;
import dev.krafla.wire.ChatCompletion;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.ChatStream;
import dev.krafla.wire.Json;
import dev.krafla.wire.Tool;
import dev.krafla.wire.ToolCall;
import dev.krafla.wire.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tool calls and reasoning over HTTP, with the chat template and the markers of each family. */
class ToolCallsHttpTest {
  private static final Tool WEATHER =
      Tool.of(
          "get_weather",
          "The weather of a place.",
          """
          {"type":"object","properties":{"place":{"type":"string","enum":["Oslo","Rome"]}},
           "required":["place"],"additionalProperties":false}\
          """);
  private static final Tool CLOCK =
      Tool.of("get_time", "The time.", "{\"type\":\"object\",\"properties\":{}}");
  private static final String ROME = "{\"place\": \"Rome\"}";
  private static final String OSLO = "{\"place\":\"Oslo {</tool_call>\"}";

  /** An answer that a model of a family writes, and what it must become. */
  record Answer(
      Family family, String written, String content, String reasoning, List<String> calls) {
    static Answer of(Family family, String written, String content, String... calls) {
      return new Answer(family, written, content, "", List.of(calls));
    }

    Answer reasoned(String thoughts) {
      return new Answer(family, written, content, thoughts, calls);
    }

    @Override
    public String toString() {
      return family + " " + calls.size();
    }
  }

  static List<Answer> answers() {
    String hermes =
        "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": %s}\n</tool_call>\n<tool_call>\n"
            + "{\"name\": \"get_weather\", \"arguments\": %s}\n</tool_call>";
    String r1 =
        "<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n%s\n```<｜tool▁call▁end｜>";
    String v31 = "<｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>%s<｜tool▁call▁end｜>";
    String nemo = "{\"name\": \"get_weather\", \"arguments\": %s, \"id\": \"abcdefghi\"}";
    return List.of(
        Answer.of(
                Family.QWEN3,
                "<think>\nI ask twice.\n</think>\n\nLet me see.\n" + hermes.formatted(ROME, OSLO),
                "Let me see.",
                ROME,
                OSLO)
            .reasoned("I ask twice."),
        Answer.of(
                Family.QWEN35,
                "I ask.\n</think>\n\n" + hermes.formatted(ROME, OSLO),
                "",
                ROME,
                OSLO)
            .reasoned("I ask."),
        Answer.of(Family.QWEN3_CODER, hermes.formatted(ROME, OSLO), "", ROME, OSLO),
        Answer.of(
            Family.LLAMA3, "{\"name\": \"get_weather\", \"parameters\": " + ROME + "}", "", ROME),
        Answer.of(
            Family.LLAMA3,
            "<|python_tag|>{\"name\": \"get_weather\", \"parameters\": "
                + ROME
                + "}; "
                + "{\"name\": \"get_weather\", \"parameters\": "
                + OSLO
                + "}",
            "",
            ROME,
            OSLO),
        Answer.of(
            Family.MISTRAL_NEMO,
            "[TOOL_CALLS][" + nemo.formatted(ROME) + ", " + nemo.formatted(OSLO) + "]",
            "",
            ROME,
            OSLO),
        Answer.of(
            Family.MISTRAL_SMALL,
            "Well.[TOOL_CALLS]get_weather[CALL_ID]abcdefghi[ARGS]"
                + ROME
                + "[TOOL_CALLS]get_weather[ARGS]"
                + OSLO,
            "Well.",
            ROME,
            OSLO),
        Answer.of(
            Family.DEEPSEEK_R1,
            "\n\nI ask.\n<｜tool▁calls▁begin｜>"
                + r1.formatted(ROME)
                + "\n"
                + r1.formatted(OSLO)
                + "<｜tool▁calls▁end｜>",
            "\n\nI ask.",
            ROME,
            OSLO),
        Answer.of(
            Family.DEEPSEEK_V31,
            "<｜tool▁calls▁begin｜>"
                + v31.formatted(ROME)
                + v31.formatted(OSLO)
                + "<｜tool▁calls▁end｜>",
            "",
            ROME,
            OSLO),
        Answer.of(
            Family.GEMMA3,
            "```json\n[{\"name\": \"get_weather\", \"arguments\": "
                + ROME
                + "},\n{\"name\": \"get_weather\", \"parameters\": "
                + OSLO
                + "}]\n```",
            "",
            ROME,
            OSLO),
        Answer.of(Family.SMOLLM2, "Hm. " + hermes.formatted(ROME, OSLO), "Hm.", ROME, OSLO));
  }

  private static ChatRequest question(ToolChoice choice) {
    return ChatRequest.of(TestWorker.MODEL, List.of(ChatMessage.user("Weather in Rome and Oslo?")))
        .withTools(List.of(WEATHER, CLOCK), choice);
  }

  private static ChatRequest question() {
    return question(new ToolChoice.Auto());
  }

  private static List<ChatChunk> stream(TestWorker worker, ChatRequest request) {
    List<ChatChunk> chunks = new ArrayList<>();
    try (ChatStream stream = worker.client.stream(request)) {
      stream.forEach(chunks::add);
    }
    return chunks;
  }

  private static List<ChatChunk.Delta> deltas(List<ChatChunk> chunks) {
    return chunks.stream().flatMap(c -> c.choices().stream()).map(c -> c.delta()).toList();
  }

  private static List<ChatChunk.ToolCallDelta> calls(List<ChatChunk> chunks) {
    return deltas(chunks).stream().flatMap(d -> d.toolCalls().stream()).toList();
  }

  private static String arguments(List<ChatChunk.ToolCallDelta> deltas, int index) {
    return deltas.stream()
        .filter(d -> d.index() == index)
        .map(ChatChunk.ToolCallDelta::arguments)
        .collect(Collectors.joining());
  }

  private static Optional<String> finishReason(List<ChatChunk> chunks) {
    return chunks.stream()
        .flatMap(c -> c.choices().stream())
        .flatMap(c -> c.finishReason().stream())
        .reduce((a, b) -> a + " " + b);
  }

  @ParameterizedTest
  @MethodSource("answers")
  void readsTheCallsThatAModelWrites(Answer answer) {
    try (TestWorker worker = answer.family().start()) {
      worker.lm.reply(answer.written());

      ChatCompletion whole = worker.client.chat(question());

      ChatMessage message = whole.choices().getFirst().message();
      assertThat(message.content().orElse("")).isEqualTo(answer.content());
      assertThat(message.reasoning().orElse("")).isEqualTo(answer.reasoning());
      assertThat(message.toolCalls()).extracting(ToolCall::arguments).isEqualTo(answer.calls());
      assertThat(message.toolCalls()).extracting(ToolCall::name).containsOnly("get_weather");
      assertThat(message.toolCalls()).extracting(ToolCall::id).doesNotHaveDuplicates();
      assertThat(whole.choices().getFirst().finishReason()).isEqualTo("tool_calls");
      int[] written = worker.lm.tokenizer.encode(answer.written(), false, true);
      assertThat(whole.usage().completionTokens()).isEqualTo(written.length + 1); // and the end
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void streamsTheCallsThatAModelWrites(Answer answer) {
    try (TestWorker worker = answer.family().start()) {
      worker.lm.reply(answer.written());

      List<ChatChunk> chunks = stream(worker, question());

      List<ChatChunk.ToolCallDelta> calls = calls(chunks);
      for (int i = 0; i < answer.calls().size(); i++) {
        int index = i;
        List<ChatChunk.ToolCallDelta> call =
            calls.stream().filter(d -> d.index() == index).toList();
        assertThat(call.getFirst().name()).contains("get_weather");
        assertThat(call.getFirst().id()).isPresent();
        assertThat(call.subList(1, call.size())).allMatch(d -> d.id().isEmpty());
        assertThat(call.size()).as("pieces").isGreaterThan(answer.calls().get(i).length() / 2);
        assertThat(arguments(calls, i)).isEqualTo(answer.calls().get(i));
      }
      assertThat(calls).extracting(d -> d.index()).isSorted();
      assertThat(
              deltas(chunks).stream()
                  .map(d -> d.content().orElse(""))
                  .collect(Collectors.joining()))
          .isEqualTo(answer.content());
      assertThat(
              deltas(chunks).stream()
                  .map(d -> d.reasoning().orElse(""))
                  .collect(Collectors.joining()))
          .isEqualTo(answer.reasoning());
      assertThat(finishReason(chunks)).contains("tool_calls");
      assertThat(chunks.getLast().usage()).isPresent();
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void keepsToOneCallWhereSeveralAreNotWanted(Answer answer) throws Exception {
    try (TestWorker worker = answer.family().start()) {
      worker.lm.reply(answer.written());
      ObjectNode body = question().toJson();
      body.put("parallel_tool_calls", false);

      String whole = worker.post("/v1/chat/completions", Json.write(body)).body();
      body.put("stream", true);
      String streamed = worker.post("/v1/chat/completions", Json.write(body)).body();

      assertThat(Json.parseObject(whole).at("/choices/0/message/tool_calls")).hasSize(1);
      assertThat(streamed).contains("\"index\":0,\"id\"").doesNotContain("\"index\":1");
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void readsNoCallsWhereTheChoiceIsNone(Answer answer) {
    try (TestWorker worker = answer.family().start()) {
      worker.lm.reply(answer.written());

      ChatCompletion.Choice choice =
          worker.client.chat(question(new ToolChoice.None())).choices().getFirst();

      assertThat(choice.message().toolCalls()).isEmpty();
      assertThat(choice.message().content().orElse("")).contains(answer.calls().getFirst());
      assertThat(choice.finishReason()).isEqualTo("stop");
    }
  }

  @ParameterizedTest
  @EnumSource
  void holdsEveryFamilyToATool(Family family) {
    try (TestWorker worker = family.start()) {
      worker.lm.reply("I would rather chat.");
      ChatRequest named = question(new ToolChoice.Named("get_weather"));

      ChatCompletion.Choice whole = worker.client.chat(named).choices().getFirst();
      List<ChatChunk> chunks = stream(worker, named);
      ChatCompletion.Choice required =
          worker.client.chat(question(new ToolChoice.Required())).choices().getFirst();

      ToolCall call = whole.message().toolCalls().getFirst();
      assertThat(call.name()).isEqualTo("get_weather");
      for (String arguments : List.of(call.arguments(), arguments(calls(chunks), 0))) {
        assertThat(Json.parseObject(arguments).get("place").stringValue()).isIn("Oslo", "Rome");
      }
      assertThat(whole.message().content()).isEmpty();
      assertThat(whole.finishReason()).isEqualTo("tool_calls");
      assertThat(finishReason(chunks)).contains("tool_calls");
      assertThat(required.message().toolCalls()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesBackCallsAndTheirResults(Family family) throws Exception {
    try (TestWorker worker = family.start()) {
      ObjectNode body = question().toJson();
      ArrayNode messages = (ArrayNode) body.get("messages");
      messages.add(
          Json.parseObject(
              """
              {"role": "assistant", "content": null, "tool_calls": [
                {"id": "call_rome_1", "type": "function",
                 "function": {"name": "get_weather", "arguments": "{\\"place\\": \\"Rome\\"}"}},
                {"id": "call_oslo_2", "type": "function",
                 "function": {"name": "get_weather", "arguments": "{\\"place\\": \\"Oslo\\"}"}}]}\
              """));
      messages
          .addObject()
          .put("role", "tool")
          .put("tool_call_id", "call_rome_1")
          .put("content", "21 degrees");
      messages
          .addObject()
          .put("role", "tool")
          .put("tool_call_id", "call_oslo_2")
          .put("content", "3 degrees");

      String prompt = prompt(worker, body);
      body.put("tool_choice", "none");
      String promptWithout = prompt(worker, body);

      assertThat(prompt).contains("The time.");
      assertThat(promptWithout).doesNotContain("The time.");
      for (String each : List.of(prompt, promptWithout)) {
        assertThat(each).contains("21 degrees", "3 degrees").contains("Rome\"}", "Oslo\"}");
      }
    }
  }

  private static String prompt(TestWorker worker, ObjectNode chat) throws Exception {
    ObjectNode ids = Json.parseObject(worker.post("/tokenize", Json.write(chat)).body());
    assertThat(ids.has("tokens")).as(ids.toString()).isTrue();
    String text = worker.post("/detokenize", Json.write(ids)).body();
    return Json.parseObject(text).get("prompt").stringValue();
  }

  @Test
  void endsACallThatDidNotFitWithItsLength() throws Exception {
    try (TestWorker worker = Family.QWEN3.start()) {
      String begun = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"pla";
      worker.lm.reply(begun + "ce\": \"Rome\"}}\n</tool_call>");
      ObjectNode body = question().toJson();
      body.put("max_tokens", begun.length());

      String answer = worker.post("/v1/chat/completions", Json.write(body)).body();

      var choice = Json.parseObject(answer).at("/choices/0");
      assertThat(choice.at("/finish_reason").stringValue()).isEqualTo("length");
      assertThat(choice.at("/message/tool_calls/0/function/arguments").stringValue())
          .isEqualTo("{\"pla");
    }
  }

  @Test
  void leavesNoRoomToThinkWhereAnAnswerIsHeldToAForm() throws Exception {
    try (TestWorker worker = Family.QWEN35.start()) {
      worker.lm.reply("yes");

      String answer =
          worker
              .post(
                  "/v1/chat/completions",
                  "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],"
                      + "\"structured_outputs\":{\"choice\":[\"yes\",\"no\"]}}")
              .body();

      var message = Json.parseObject(answer).at("/choices/0/message");
      assertThat(message.get("content").stringValue()).isIn("yes", "no");
      assertThat(message.has("reasoning_content")).isFalse();
    }
  }

  @Test
  void givesReasoningWithoutAnyTools() {
    try (TestWorker worker = Family.SMOLLM2.start()) {
      worker.lm.reply("<think>Hm.</think>\n\nYes.");
      ChatRequest request = ChatRequest.of(TestWorker.MODEL, List.of(ChatMessage.user("Is it?")));

      ChatMessage message = worker.client.chat(request).choices().getFirst().message();

      assertThat(message.reasoning()).contains("Hm.");
      assertThat(message.content()).contains("Yes.");
    }
  }
}
