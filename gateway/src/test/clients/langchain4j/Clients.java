import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * LangChain4j against a gateway: its models over chat completions, responses and messages.
 *
 * <p>Usage: Clients URL KEY MODEL…; prints a line for each cell: NAME, a tab, ok or the fault.
 */
public final class Clients {
  private static final String HELLO = "Hello from the provider.";
  private static final ToolSpecification WEATHER =
      ToolSpecification.builder()
          .name("weather")
          .description("The weather of a city.")
          .parameters(JsonObjectSchema.builder().addStringProperty("city").required("city").build())
          .build();

  public static void main(String[] args) {
    String url = args[0] + "/v1";
    String key = args[1];
    for (String model : List.of(args).subList(2, args.length)) {
      whole("chat", model,
          OpenAiChatModel.builder().baseUrl(url).apiKey(key).modelName(model).maxRetries(0).build());
      streamed("chat", model,
          OpenAiStreamingChatModel.builder().baseUrl(url).apiKey(key).modelName(model).build());
      streamed("responses", model,
          OpenAiResponsesStreamingChatModel.builder().baseUrl(url).apiKey(key).modelName(model).build());
      whole("messages", model,
          AnthropicChatModel.builder().baseUrl(url).apiKey(key).modelName(model).maxRetries(0).build());
      streamed("messages", model,
          AnthropicStreamingChatModel.builder().baseUrl(url).apiKey(key).modelName(model).build());
    }
    System.exit(0);
  }

  private static void whole(String wire, String model, ChatModel chat) {
    cell("langchain4j_" + wire + "_text", model, () -> {
      var a = chat.chat(UserMessage.from("hi"));
      check(HELLO.equals(a.aiMessage().text()), a);
      check(a.tokenUsage().outputTokenCount() == 7, a);
    });
    cell("langchain4j_" + wire + "_tools", model, () -> {
      var a = chat.chat(tools());
      var call = a.aiMessage().toolExecutionRequests().get(0);
      check(call.arguments().contains("Reykjavík"), a);
      var b = chat.chat(
          ChatRequest.builder()
              .messages(
                  UserMessage.from("hi"),
                  a.aiMessage(),
                  ToolExecutionResultMessage.from(call, "4 °C"))
              .toolSpecifications(WEATHER)
              .build());
      check(HELLO.equals(b.aiMessage().text()), b);
    });
    cell("langchain4j_" + wire + "_error", model, () ->
        raises(() -> chat.chat(UserMessage.from("please fail")), "slow down"));
  }

  private static void streamed(String wire, String model, StreamingChatModel chat) {
    cell("langchain4j_" + wire + "_text_stream", model, () -> {
      var a = ask(chat, ChatRequest.builder().messages(UserMessage.from("hi")).build());
      check(HELLO.equals(a.aiMessage().text()), a);
    });
    cell("langchain4j_" + wire + "_tools_stream", model, () -> {
      var a = ask(chat, tools());
      check(a.aiMessage().toolExecutionRequests().get(0).arguments().contains("Reykjavík"), a);
    });
    cell("langchain4j_" + wire + "_error_stream", model, () ->
        raises(
            () -> ask(chat, ChatRequest.builder().messages(UserMessage.from("please fail")).build()),
            "slow down"));
  }

  private static ChatRequest tools() {
    return ChatRequest.builder()
        .messages(UserMessage.from("hi"))
        .toolSpecifications(WEATHER)
        .build();
  }

  private static ChatResponse ask(StreamingChatModel chat, ChatRequest request) throws Exception {
    var answer = new CompletableFuture<ChatResponse>();
    chat.chat(
        request,
        new StreamingChatResponseHandler() {
          @Override
          public void onCompleteResponse(ChatResponse response) {
            answer.complete(response);
          }

          @Override
          public void onError(Throwable error) {
            answer.completeExceptionally(error);
          }
        });
    return answer.get(20, TimeUnit.SECONDS);
  }

  private static void check(boolean condition, Object what) {
    if (!condition) {
      throw new AssertionError("not as expected: " + what);
    }
  }

  private interface Call {
    void run() throws Exception;
  }

  /** The whole chain of causes must say {@code word}. */
  private static void raises(Call call, String word) {
    try {
      call.run();
    } catch (Exception e) {
      var said = new StringBuilder();
      for (Throwable t = e; t != null; t = t.getCause()) {
        said.append(t).append(' ');
      }
      check(said.indexOf(word) >= 0, said);
      return;
    }
    throw new AssertionError("no error");
  }

  private static void cell(String name, String model, Call cell) {
    String outcome = "ok";
    try {
      cell.run();
    } catch (Throwable e) { // every way of going wrong is a result here
      outcome = (e.getClass().getSimpleName() + ": " + e.getMessage()).replaceAll("\\s+", " ");
    }
    System.out.println(
        name + " " + model + "\t" + outcome.substring(0, Math.min(600, outcome.length())));
  }
}
