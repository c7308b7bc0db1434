package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls and reasoning that a model wrote by itself, seen by clients of other people. */
class WrittenToolCallsTest {
  private static final String ROME = "{\"city\": \"Rome\", \"unit\": \"C\"}";
  private static final String OSLO = "{\"city\": \"Oslo\", \"unit\": \"C\"}";
  private static final String QWEN3 =
      """
      <think>
      Two cities.
      </think>

      I look both up.
      <tool_call>
      {"name": "get_weather", "arguments": %s}
      </tool_call>
      <tool_call>
      {"name": "get_weather", "arguments": %s}
      </tool_call>\
      """
          .formatted(ROME, OSLO);
  private static final String MISTRAL =
      "[THINK]Two cities.[/THINK]I look both up.[TOOL_CALLS]get_weather[ARGS]%s".formatted(ROME)
          + "[TOOL_CALLS]get_weather[ARGS]"
          + OSLO;

  private static final ToolSpecification WEATHER =
      ToolSpecification.builder()
          .name("get_weather")
          .description("The weather of a city.")
          .parameters(
              JsonObjectSchema.builder()
                  .addStringProperty("city")
                  .addStringProperty("unit")
                  .required("city", "unit")
                  .build())
          .build();

  private static TestWorker start(Family family) {
    TestWorker worker = family.start();
    worker.lm.reply(family == Family.QWEN3 ? QWEN3 : MISTRAL);
    return worker;
  }

  @ParameterizedTest
  @EnumSource(names = {"QWEN3", "MISTRAL_SMALL"})
  void reachTheOfficialPythonClient(Family family) throws Exception {
    PythonClient python = PythonClient.install();
    try (TestWorker worker = start(family)) {
      python.check(worker.worker.url(), TestWorker.MODEL, "written_tools");
    }
  }

  /** Collects one streamed answer. */
  private static final class Collected implements StreamingChatResponseHandler {
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thinking = new StringBuilder();
    private final StringBuilder arguments = new StringBuilder();
    private final List<ToolExecutionRequest> calls = new ArrayList<>();
    private final CompletableFuture<ChatResponse> answer = new CompletableFuture<>();

    @Override
    public void onPartialResponse(String piece) {
      text.append(piece);
    }

    @Override
    public void onPartialThinking(PartialThinking piece) {
      thinking.append(piece.text());
    }

    @Override
    public void onPartialToolCall(PartialToolCall piece) {
      arguments.append(piece.partialArguments());
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall call) {
      calls.add(call.toolExecutionRequest());
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      answer.complete(response);
    }

    @Override
    public void onError(Throwable failure) {
      answer.completeExceptionally(failure);
    }
  }

  private static Collected stream(TestWorker worker, ChatRequest request) throws Exception {
    var collected = new Collected();
    OpenAiStreamingChatModel.builder()
        .baseUrl(worker.worker.url() + "/v1")
        .apiKey("none")
        .modelName(TestWorker.MODEL)
        .returnThinking(true)
        .build()
        .chat(request, collected);
    collected.answer.get(1, TimeUnit.MINUTES);
    return collected;
  }

  private static AiMessage whole(TestWorker worker, ChatRequest request) {
    return OpenAiChatModel.builder()
        .baseUrl(worker.worker.url() + "/v1")
        .apiKey("none")
        .modelName(TestWorker.MODEL)
        .returnThinking(true)
        .maxRetries(0)
        .build()
        .chat(request)
        .aiMessage();
  }

  @ParameterizedTest
  @EnumSource(names = {"QWEN3", "MISTRAL_SMALL"})
  void reachLangChain4j(Family family) throws Exception {
    try (TestWorker worker = start(family)) {
      UserMessage question = UserMessage.from("The weather in Rome and Oslo?");
      ChatRequest request =
          ChatRequest.builder().messages(question).toolSpecifications(WEATHER).build();

      AiMessage whole = whole(worker, request);
      Collected streamed = stream(worker, request);

      assertThat(whole.toolExecutionRequests())
          .extracting(ToolExecutionRequest::arguments)
          .containsExactly(ROME, OSLO);
      assertThat(whole.thinking()).isEqualTo("Two cities.");
      assertThat(whole.text()).isEqualTo("I look both up.");
      assertThat(streamed.calls)
          .extracting(ToolExecutionRequest::arguments)
          .containsExactly(ROME, OSLO);
      assertThat(streamed.arguments).hasToString(ROME + OSLO);
      assertThat(streamed.text).hasToString("I look both up.");
      assertThat(streamed.thinking).hasToString("Two cities.");
      ChatResponse response = streamed.answer.join();
      assertThat(response.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
      assertThat(response.tokenUsage().outputTokenCount()).isPositive();

      List<ChatMessage> messages = new ArrayList<>(List.of(question, response.aiMessage()));
      response
          .aiMessage()
          .toolExecutionRequests()
          .forEach(call -> messages.add(ToolExecutionResultMessage.from(call, "21 degrees")));
      ChatRequest next =
          ChatRequest.builder().messages(messages).toolSpecifications(WEATHER).build();
      assertThat(stream(worker, next).answer.join().tokenUsage().inputTokenCount())
          .isGreaterThan(response.tokenUsage().inputTokenCount());
    }
  }
}
