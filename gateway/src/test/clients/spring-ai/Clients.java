import java.util.List;
import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/**
 * Spring AI against a gateway: its models over chat completions and messages.
 *
 * <p>Usage: Clients URL KEY MODEL…; prints a line for each cell: NAME, a tab, ok or the fault.
 */
public final class Clients {
  private static final String HELLO = "Hello from the provider.";

  public static void main(String[] args) {
    for (String model : List.of(args).subList(2, args.length)) {
      var openai =
          OpenAiChatOptions.builder()
              .baseUrl(args[0] + "/v1")
              .apiKey(args[1])
              .model(model)
              .maxRetries(0)
              .build();
      cells("chat", model, OpenAiChatModel.builder().options(openai).build());
      var anthropic =
          AnthropicChatOptions.builder()
              .baseUrl(args[0])
              .apiKey(args[1])
              .model(model)
              .maxRetries(0)
              .maxTokens(100)
              .build();
      cells("messages", model, AnthropicChatModel.builder().options(anthropic).build());
    }
    System.exit(0);
  }

  private static void cells(String wire, String model, ChatModel chat) {
    cell("spring_" + wire + "_text", model, () -> {
      var a = chat.call(prompt("hi"));
      check(a.toString().contains(HELLO), a);
      check(a.getMetadata().getUsage().getCompletionTokens() == 7, a.getMetadata());
    });
    cell("spring_" + wire + "_text_stream", model, () -> {
      var all = new StringBuilder();
      chat.stream(prompt("hi"))
          .toStream()
          .flatMap(r -> r.getResults().stream())
          .map(g -> g.getOutput().getText())
          .filter(t -> t != null)
          .forEach(all::append);
      check(all.indexOf(HELLO) >= 0, all);
    });
    cell("spring_" + wire + "_error", model, () ->
        raises(() -> chat.call(prompt("please fail")), "slow down"));
    cell("spring_" + wire + "_error_stream", model, () ->
        raises(() -> chat.stream(prompt("please break")).blockLast(), ""));
  }

  private static Prompt prompt(String text) {
    return new Prompt(List.of(new UserMessage(text)));
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
