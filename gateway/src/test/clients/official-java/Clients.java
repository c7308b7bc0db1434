import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.ResponseCreateParams;
import java.util.List;
import java.util.Map;

/**
 * The official Java packages openai-java and anthropic-java against a gateway.
 *
 * <p>Usage: Clients URL KEY MODEL…; prints a line for each cell: NAME, a tab, ok or the fault.
 */
public final class Clients {
  private static final String HELLO = "Hello from the provider.";
  private static final Map<String, Object> PROPERTIES = Map.of("city", Map.of("type", "string"));

  private interface Cell {
    void run(String model) throws Exception;
  }

  public static void main(String[] args) {
    var openai =
        OpenAIOkHttpClient.builder()
            .baseUrl(args[0] + "/v1")
            .apiKey(args[1])
            .maxRetries(0)
            .build();
    var anthropic =
        AnthropicOkHttpClient.builder().baseUrl(args[0]).apiKey(args[1]).maxRetries(0).build();
    for (String model : List.of(args).subList(2, args.length)) {
      openai(openai, model);
      anthropic(anthropic, model);
    }
    System.exit(0); // the clients keep threads
  }

  private static void openai(com.openai.client.OpenAIClient client, String model) {
    cell("openai_chat_text", model, m -> {
      var a = client.chat().completions().create(chat(m, "hi").build());
      check(a.choices().get(0).message().content().orElse("").equals(HELLO), a);
      check(a.usage().get().promptTokens() == 11, a);
    });
    cell("openai_chat_text_stream", model, m -> {
      var all = ChatCompletionAccumulator.create();
      try (var s = client.chat().completions().createStreaming(chat(m, "hi").build())) {
        s.stream().forEach(all::accumulate);
      }
      var a = all.chatCompletion();
      check(a.choices().get(0).message().content().orElse("").equals(HELLO), a);
    });
    cell("openai_chat_tools", model, m -> {
      var a = client.chat().completions().create(chatTools(m).build());
      var call = a.choices().get(0).message().toolCalls().get().get(0).asFunction();
      check(call.function().arguments().contains("Reykjavík"), call);
    });
    cell("openai_chat_tools_stream", model, m -> {
      var all = ChatCompletionAccumulator.create();
      try (var s = client.chat().completions().createStreaming(chatTools(m).build())) {
        s.stream().forEach(all::accumulate);
      }
      var a = all.chatCompletion();
      var call = a.choices().get(0).message().toolCalls().get().get(0).asFunction();
      check(call.function().arguments().contains("Reykjavík"), call);
    });
    cell("openai_chat_error", model, m ->
        raises(
            com.openai.errors.RateLimitException.class,
            () -> client.chat().completions().create(chat(m, "please fail").build()),
            "slow down"));
    cell("openai_chat_error_stream", model, m ->
        raises(
            com.openai.errors.OpenAIException.class,
            () -> {
              var p = chat(m, "please break").build();
              try (var s = client.chat().completions().createStreaming(p)) {
                s.stream().forEach(c -> c.validate());
              }
            },
            ""));
    cell("openai_responses_text", model, m -> {
      var a = client.responses().create(response(m, "hi").build());
      check(a.toString().contains(HELLO), a);
      check(a.usage().get().outputTokens() == 7, a);
    });
    cell("openai_responses_text_stream", model, m -> {
      var all = ResponseAccumulator.create();
      try (var s = client.responses().createStreaming(response(m, "hi").build())) {
        s.stream().forEach(all::accumulate);
      }
      check(all.response().toString().contains(HELLO), all.response());
    });
    cell("openai_responses_tools", model, m -> {
      var a = client.responses().create(responseTools(m).build());
      var call = a.output().stream().filter(i -> i.isFunctionCall()).findFirst().get();
      check(call.asFunctionCall().arguments().contains("Reykjavík"), a);
    });
    cell("openai_responses_tools_stream", model, m -> {
      var all = ResponseAccumulator.create();
      try (var s = client.responses().createStreaming(responseTools(m).build())) {
        s.stream().forEach(all::accumulate);
      }
      check(all.response().toString().contains("Reykjavík"), all.response());
    });
    cell("openai_responses_error", model, m ->
        raises(
            com.openai.errors.RateLimitException.class,
            () -> client.responses().create(response(m, "please fail").build()),
            "slow down"));
    cell("openai_responses_error_stream", model, m -> {
      var seen = new StringBuilder();
      try (var s = client.responses().createStreaming(response(m, "please break").build())) {
        s.stream().forEach(seen::append);
      } catch (com.openai.errors.OpenAIException e) {
        seen.append(e.getMessage());
      }
      check(seen.indexOf("fell over") >= 0, seen);
    });
  }

  private static void anthropic(com.anthropic.client.AnthropicClient client, String model) {
    cell("anthropic_text", model, m -> {
      var a = client.messages().create(message(m, "hi").build());
      check(a.content().get(a.content().size() - 1).asText().text().equals(HELLO), a);
      check(a.usage().outputTokens() == 7, a);
    });
    cell("anthropic_text_stream", model, m -> {
      var all = MessageAccumulator.create();
      try (var s = client.messages().createStreaming(message(m, "hi").build())) {
        s.stream().forEach(all::accumulate);
      }
      var a = all.message();
      check(a.content().get(a.content().size() - 1).asText().text().equals(HELLO), a);
    });
    cell("anthropic_tools", model, m -> {
      var a = client.messages().create(messageTools(m).build());
      check(a.content().stream().anyMatch(b -> b.isToolUse()), a);
      check(a.toString().contains("Reykjavík"), a);
    });
    cell("anthropic_tools_stream", model, m -> {
      var all = MessageAccumulator.create();
      try (var s = client.messages().createStreaming(messageTools(m).build())) {
        s.stream().forEach(all::accumulate);
      }
      check(all.message().toString().contains("Reykjavík"), all.message());
    });
    cell("anthropic_error", model, m ->
        raises(
            com.anthropic.errors.RateLimitException.class,
            () -> client.messages().create(message(m, "please fail").build()),
            "slow down"));
    cell("anthropic_error_stream", model, m ->
        raises(
            com.anthropic.errors.AnthropicException.class,
            () -> {
              try (var s = client.messages().createStreaming(message(m, "please break").build())) {
                s.stream().forEach(e -> {});
              }
            },
            "fell over"));
  }

  private static ChatCompletionCreateParams.Builder chat(String model, String text) {
    return ChatCompletionCreateParams.builder().model(model).addUserMessage(text);
  }

  private static ChatCompletionCreateParams.Builder chatTools(String model) {
    var parameters =
        FunctionParameters.builder()
            .putAdditionalProperty("type", com.openai.core.JsonValue.from("object"))
            .putAdditionalProperty("properties", com.openai.core.JsonValue.from(PROPERTIES))
            .build();
    return chat(model, "hi")
        .addFunctionTool(
            FunctionDefinition.builder().name("weather").parameters(parameters).build());
  }

  private static ResponseCreateParams.Builder response(String model, String text) {
    return ResponseCreateParams.builder().model(model).input(text).store(false);
  }

  private static ResponseCreateParams.Builder responseTools(String model) {
    var parameters =
        FunctionTool.Parameters.builder()
            .putAdditionalProperty("type", com.openai.core.JsonValue.from("object"))
            .putAdditionalProperty("properties", com.openai.core.JsonValue.from(PROPERTIES))
            .build();
    return response(model, "hi")
        .addTool(
            FunctionTool.builder().name("weather").parameters(parameters).strict(false).build());
  }

  private static MessageCreateParams.Builder message(String model, String text) {
    return MessageCreateParams.builder().model(model).maxTokens(100).addUserMessage(text);
  }

  private static MessageCreateParams.Builder messageTools(String model) {
    var schema =
        com.anthropic.models.messages.Tool.InputSchema.builder()
            .putAdditionalProperty("properties", com.anthropic.core.JsonValue.from(PROPERTIES))
            .build();
    return message(model, "hi")
        .addTool(
            com.anthropic.models.messages.Tool.builder()
                .name("weather")
                .inputSchema(schema)
                .build());
  }

  private static void check(boolean condition, Object what) {
    if (!condition) {
      throw new AssertionError("not as expected: " + what);
    }
  }

  private interface Call {
    void run() throws Exception;
  }

  private static void raises(Class<? extends Exception> kind, Call call, String word) {
    try {
      call.run();
    } catch (Exception e) {
      check(kind.isInstance(e), e);
      check(String.valueOf(e.getMessage()).contains(word), e);
      return;
    }
    throw new AssertionError("no " + kind.getSimpleName());
  }

  private static void cell(String name, String model, Cell cell) {
    String outcome = "ok";
    try {
      cell.run(model);
    } catch (Throwable e) { // every way of going wrong is a result here
      outcome = (e.getClass().getSimpleName() + ": " + e.getMessage()).replaceAll("\\s+", " ");
    }
    System.out.println(name + " " + model + "\t" + outcome.substring(0, Math.min(600, outcome.length())));
  }
}
