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
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ChatHttpTest {
  private static final Tool WEATHER =
      Tool.of(
          "get_weather",
          "The weather of a place.",
          """
          {"type":"object","properties":{"place":{"type":"string","enum":["Oslo","Rome"]}},
           "required":["place"],"additionalProperties":false}\
          """);

  private final TestWorker worker = TestWorker.start();

  @AfterEach
  void stop() {
    worker.close();
  }

  private static ChatRequest question() {
    return ChatRequest.of(TestWorker.MODEL, List.of(ChatMessage.user("Hi")));
  }

  private List<ChatChunk> stream(ChatRequest request) {
    List<ChatChunk> chunks = new ArrayList<>();
    try (ChatStream stream = worker.client.stream(request)) {
      stream.forEach(chunks::add);
    }
    return chunks;
  }

  private static String text(List<ChatChunk> chunks) {
    return chunks.stream().map(ChatChunk::text).collect(Collectors.joining());
  }

  @Test
  void answersAsAWholeWithItsUsage() {
    worker.lm.reply("Grüße, 世界 👋🏽");

    ChatCompletion answer = worker.client.chat(question());

    assertThat(answer.text()).isEqualTo("Grüße, 世界 👋🏽");
    assertThat(answer.model()).isEqualTo(TestWorker.MODEL);
    assertThat(answer.choices().getFirst().finishReason()).isEqualTo("stop");
    assertThat(answer.usage().promptTokens()).isEqualTo("<user: Hi>\n<".length());
    assertThat(answer.usage().completionTokens()).isGreaterThan(20);
  }

  @Test
  void streamsTheSameTextInWholeCharactersAndEndsWithTheUsage() {
    worker.lm.reply("Grüße, 世界 👋🏽");

    List<ChatChunk> chunks = stream(question());

    assertThat(text(chunks)).isEqualTo("Grüße, 世界 👋🏽");
    assertThat(chunks).noneMatch(c -> c.text().contains("\uFFFD"));
    assertThat(chunks.getFirst().choices().getFirst().delta().role()).contains("assistant");
    assertThat(chunks.getLast().choices()).isEmpty();
    assertThat(chunks.getLast().usage()).isPresent();
    assertThat(chunks.get(chunks.size() - 2).choices().getFirst().finishReason()).contains("stop");
    assertThat(chunks).extracting(ChatChunk::id).containsOnly(chunks.getFirst().id());
  }

  @Test
  void leavesTheUsageOutOfAStreamUnlessAsked() throws Exception {
    HttpResponse<String> response =
        worker.post(
            "/v1/chat/completions",
            "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

    assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
    assertThat(response.body()).doesNotContain("usage").endsWith("data: [DONE]\n\n");
  }

  @Test
  void givesAsManyAnswersAsWereAskedFor() throws Exception {
    HttpResponse<String> response =
        worker.post(
            "/v1/chat/completions",
            "{\"n\":3,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

    ObjectNode body = Json.parseObject(response.body());
    assertThat(body.get("choices")).hasSize(3);
    assertThat(body.get("choices").get(2).get("index").intValue()).isEqualTo(2);
    assertThat(body.get("choices").get(2).get("message").get("content").stringValue())
        .isEqualTo("Hello there.");
  }

  @Test
  void stopsBeforeAStopStringThatSpansTokens() throws Exception {
    worker.lm.reply("one two three");

    HttpResponse<String> response =
        worker.post(
            "/v1/chat/completions",
            "{\"stop\":\"o th\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

    ObjectNode choice = (ObjectNode) Json.parseObject(response.body()).get("choices").get(0);
    assertThat(choice.get("message").get("content").stringValue()).isEqualTo("one tw");
    assertThat(choice.get("finish_reason").stringValue()).isEqualTo("stop");
  }

  @Test
  void endsWithLengthAtTheTokenLimit() throws Exception {
    HttpResponse<String> response =
        worker.post(
            "/v1/chat/completions",
            "{\"max_completion_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

    ObjectNode choice = (ObjectNode) Json.parseObject(response.body()).get("choices").get(0);
    assertThat(choice.get("message").get("content").stringValue()).isEqualTo("Hello");
    assertThat(choice.get("finish_reason").stringValue()).isEqualTo("length");
  }

  @Test
  void givesLogprobsOfEveryTokenWholeAndStreamed() throws Exception {
    String request =
        "{\"logprobs\":true,\"top_logprobs\":2,\"temperature\":0,\"stream\":%s,"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    ObjectNode whole =
        Json.parseObject(worker.post("/v1/chat/completions", request.formatted(false)).body());
    String streamed = worker.post("/v1/chat/completions", request.formatted(true)).body();

    var content = whole.get("choices").get(0).get("logprobs").get("content");
    assertThat(content).hasSize("Hello there.".length() + 1); // and the end token
    assertThat(content.get(0).get("token").stringValue()).isEqualTo("H");
    assertThat(content.get(0).get("bytes").get(0).intValue()).isEqualTo('H');
    assertThat(content.get(0).get("top_logprobs")).hasSize(2);
    assertThat(content.get(0).get("logprob").floatValue()).isBetween(-0.1f, 0f);
    assertThat(streamed.split("\"top_logprobs\":", -1)).hasSize("Hello there.".length() + 2);
  }

  @Test
  void tellsAToolCallFromTextInTheStream() {
    worker.lm.reply(
        "Let me see.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"place\":"
            + " \"Rome\"}}\n</tool_call>");
    ChatRequest request = question().withTools(List.of(WEATHER), new ToolChoice.Auto());

    List<ChatChunk> chunks = stream(request);
    ChatCompletion whole = worker.client.chat(request);

    assertThat(text(chunks)).contains("Let me see.").doesNotContain("tool_call");
    ToolCall call = whole.choices().getFirst().message().toolCalls().getFirst();
    assertThat(call.name()).isEqualTo("get_weather");
    assertThat(Json.parseObject(call.arguments()).get("place").stringValue()).isEqualTo("Rome");
    assertThat(whole.choices().getFirst().finishReason()).isEqualTo("tool_calls");
    List<ChatChunk.ToolCallDelta> deltas = toolCalls(chunks);
    assertThat(deltas.getFirst().name()).contains("get_weather");
    assertThat(deltas.getFirst().id().orElseThrow()).startsWith("call_");
    assertThat(arguments(deltas)).isEqualTo(call.arguments());
  }

  @Test
  void takesMarkersAsTextWhereNoToolsWereOffered() {
    worker.lm.reply("<tool_call>{\"name\":\"x\",\"arguments\":{}}</tool_call>");

    assertThat(worker.client.chat(question()).text()).startsWith("<tool_call>");
  }

  @Test
  void holdsANamedToolToItsSchemaWhateverTheModelWouldSay() {
    worker.lm.reply("I would rather chat.");
    var choice = new ToolChoice.Named("get_weather");
    ChatRequest request = question().withTools(List.of(WEATHER), choice);

    List<ChatChunk> chunks = stream(request);

    List<ChatChunk.ToolCallDelta> deltas = toolCalls(chunks);
    assertThat(text(chunks)).isEmpty();
    assertThat(deltas.getFirst().name()).contains("get_weather");
    assertThat(Json.parseObject(arguments(deltas)).get("place").stringValue()).isIn("Oslo", "Rome");
    assertThat(chunks.get(chunks.size() - 2).choices().getFirst().finishReason())
        .contains("tool_calls");
  }

  @Test
  void makesTheModelCallSomeToolWhereOneIsRequired() {
    Tool clock = Tool.of("clock", "The time.", "{\"type\":\"object\",\"properties\":{}}");
    ChatRequest request = question().withTools(List.of(WEATHER, clock), new ToolChoice.Required());

    ChatCompletion.Choice choice = worker.client.chat(request).choices().getFirst();

    assertThat(choice.message().toolCalls()).hasSize(1);
    assertThat(choice.message().toolCalls().getFirst().name()).isIn("get_weather", "clock");
    assertThat(choice.message().content()).isEmpty();
    assertThat(choice.finishReason()).isEqualTo("tool_calls");
  }

  @Test
  void goesOnAfterAToolsResult() {
    var call = new ToolCall("call_1", "get_weather", "{\"place\":\"Rome\"}");
    var asked =
        new ChatMessage(
            "assistant",
            Optional.empty(),
            Optional.empty(),
            List.of(call),
            Optional.empty(),
            Optional.empty());
    ChatRequest request =
        ChatRequest.of(
                TestWorker.MODEL,
                List.of(
                    ChatMessage.user("Weather?"), asked, ChatMessage.toolResult("call_1", "sunny")))
            .withTools(List.of(WEATHER), new ToolChoice.Auto());

    assertThat(worker.client.chat(request).text()).isEqualTo("Hello there.");
  }

  @Test
  void keepsTheClientsRequestId() throws Exception {
    HttpResponse<String> response =
        worker.send(
            java.net.http.HttpRequest.newBuilder(worker.uri("/health"))
                .header("X-Request-Id", "trace-7")
                .build());

    assertThat(response.headers().firstValue("X-Request-Id")).contains("trace-7");
  }

  private static List<ChatChunk.ToolCallDelta> toolCalls(List<ChatChunk> chunks) {
    return chunks.stream()
        .flatMap(c -> c.choices().stream())
        .flatMap(c -> c.delta().toolCalls().stream())
        .toList();
  }

  private static String arguments(List<ChatChunk.ToolCallDelta> deltas) {
    return deltas.stream().map(ChatChunk.ToolCallDelta::arguments).collect(Collectors.joining());
  }
}
