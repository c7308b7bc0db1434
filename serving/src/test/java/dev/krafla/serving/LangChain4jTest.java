package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.wire.Json;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.node.ObjectNode;

/** A real model behind the worker, used by LangChain4j's OpenAI client. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LangChain4jTest {
  private static final UserMessage QUESTION = UserMessage.from("Say hello in one short sentence.");
  private static final JsonObjectSchema PLACE =
      JsonObjectSchema.builder()
          .addEnumProperty("city", List.of("Oslo", "Rome"))
          .required("city")
          .additionalProperties(false)
          .build();

  private PulledModel model;

  @BeforeAll
  void start() {
    model = PulledModel.start();
  }

  @AfterAll
  void stop() {
    if (model != null) {
      model.close();
    }
  }

  private OpenAiChatModel chat() {
    return OpenAiChatModel.builder()
        .baseUrl(model.worker.url() + "/v1")
        .apiKey("none")
        .modelName(PulledModel.ALIAS)
        .temperature(0.0)
        .maxTokens(48)
        .maxRetries(0)
        .build();
  }

  /** Collects one streamed answer. */
  private static final class Collected implements StreamingChatResponseHandler {
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<ChatResponse> answer = new CompletableFuture<>();

    @Override
    public void onPartialResponse(String piece) {
      text.append(piece);
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

  private ChatResponse stream(ChatRequest request, Collected collected) throws Exception {
    var streaming =
        OpenAiStreamingChatModel.builder()
            .baseUrl(model.worker.url() + "/v1")
            .apiKey("none")
            .modelName(PulledModel.ALIAS)
            .temperature(0.0)
            .maxTokens(48)
            .build();
    streaming.chat(request, collected);
    return collected.answer.get(1, TimeUnit.MINUTES);
  }

  @Test
  void answersTheSameWholeAndStreamedAndCountsTokens() throws Exception {
    ChatRequest request = ChatRequest.builder().messages(QUESTION).build();
    var collected = new Collected();

    ChatResponse whole = chat().chat(request);
    ChatResponse streamed = stream(request, collected);

    assertThat(whole.aiMessage().text()).isNotBlank();
    assertThat(collected.text.toString()).isEqualTo(whole.aiMessage().text());
    assertThat(streamed.tokenUsage().outputTokenCount())
        .isEqualTo(whole.tokenUsage().outputTokenCount());
    assertThat(streamed.finishReason()).isEqualTo(whole.finishReason());
  }

  @Test
  void callsAToolThatIsRequiredWholeAndStreamed() throws Exception {
    ChatRequest request =
        ChatRequest.builder()
            .messages(UserMessage.from("What is the weather in Rome?"))
            .toolSpecifications(
                ToolSpecification.builder()
                    .name("get_weather")
                    .description("The weather of a city.")
                    .parameters(PLACE)
                    .build())
            .toolChoice(ToolChoice.REQUIRED)
            .build();

    var whole = chat().chat(request).aiMessage().toolExecutionRequests().getFirst();
    var streamed = stream(request, new Collected()).aiMessage().toolExecutionRequests().getFirst();

    assertThat(whole.name()).isEqualTo("get_weather");
    assertThat(Json.parseObject(whole.arguments()).get("city").stringValue()).isIn("Oslo", "Rome");
    assertThat(streamed.arguments()).isEqualTo(whole.arguments());
    assertThat(streamed.id()).isNotBlank();
  }

  @Test
  void holdsAnAnswerToAJsonSchema() {
    ChatRequest request =
        ChatRequest.builder()
            .messages(UserMessage.from("Which city is the capital of Italy?"))
            .responseFormat(
                ResponseFormat.builder()
                    .type(ResponseFormatType.JSON)
                    .jsonSchema(JsonSchema.builder().name("place").rootElement(PLACE).build())
                    .build())
            .build();

    ObjectNode answer = Json.parseObject(chat().chat(request).aiMessage().text());

    assertThat(answer.get("city").stringValue()).isIn("Oslo", "Rome");
  }

  @Test
  void saysWhyAChatModelGivesNoEmbeddings() {
    var embeddings =
        OpenAiEmbeddingModel.builder()
            .baseUrl(model.worker.url() + "/v1")
            .apiKey("none")
            .modelName(PulledModel.ALIAS)
            .maxRetries(0)
            .build();

    assertThatThrownBy(() -> embeddings.embed("Hello"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("not made for embeddings");
  }
}
