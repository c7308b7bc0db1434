package dev.krafla.platform;

import dev.krafla.wire.GenerationOptions;
import dev.krafla.wire.OpenAiClient;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code krafla chat}: talks to a model, of this machine or behind a URL. */
@Command(
    name = "chat",
    description = {
      "Talks to a model in the terminal.",
      "With a question as argument, or on standard input, it answers that and ends."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla chat",
      "  krafla chat \"Why is the sky blue?\"",
      "  krafla chat qwen3-0.6b \"What is a fjord?\"",
      "  git diff | krafla chat qwen2.5-1.5b --system \"Say what this change does.\"",
      "  krafla chat --url http://127.0.0.1:8080"
    })
final class ChatCommand implements Callable<Integer> {
  /** Small models lose the thread at the wire's default of 1. */
  private static final double USUAL_TEMPERATURE = 0.7;

  private final CliContext context;

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description = {
        "Short name, reference or path; with --url, the model's id there.",
        "Default: " + Main.DEFAULT_MODEL + "; with --url, the server's first."
      })
  private @Nullable String model;

  @Parameters(
      arity = "0..*",
      index = "1..*",
      paramLabel = "QUESTION",
      description = "Ask this, then end.")
  private List<String> question = List.of();

  @Option(
      names = "--url",
      description = "Talk to this OpenAI-shaped server instead of a model of this machine.")
  private @Nullable URI url;

  @Option(
      names = "--api-key",
      description = "Key for --url; better set KRAFLA_API_KEY, which others cannot see.")
  private @Nullable String apiKey;

  @Option(names = "--system", paramLabel = "TEXT", description = "The system message.")
  private String system = "";

  @Option(names = "--max-tokens", paramLabel = "N", description = "Longest answer, in tokens.")
  private @Nullable Integer maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 is greedy. Default: " + USUAL_TEMPERATURE + "; with --url, the server's.")
  private @Nullable Double temperature;

  @Mixin private EngineOptions engineOptions = new EngineOptions();

  ChatCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    takeQuestionForModel();
    if (url == null) {
      talkHere(model == null ? Main.DEFAULT_MODEL : model);
    } else {
      talkTo(url);
    }
    return 0;
  }

  /** {@code krafla chat "Why is the sky blue?"} names no model, whatever its syntax says. */
  private void takeQuestionForModel() {
    if (model != null && model.contains(" ") && Files.notExists(Path.of(model))) {
      question = Stream.concat(Stream.of(model), question.stream()).toList();
      model = null;
    }
  }

  private void talkHere(String name) throws IOException, InterruptedException {
    GenerationOptions options = options(Optional.of(USUAL_TEMPERATURE));
    LocalModel local = context.models().get(name, context.progress());
    try (OpenModel open = OpenModel.load(local, engineOptions, context).forChat();
        var worker = PrivateWorker.start(open, engineOptions.engineConfig())) {
      talk(new ChatSession(worker.client(), local.name(), options), local.name());
    }
  }

  private void talkTo(URI server) throws IOException {
    Optional<String> key =
        Optional.ofNullable(apiKey)
            .or(() -> Optional.ofNullable(context.environment().get("KRAFLA_API_KEY")));
    try (var client = new OpenAiClient(server, key)) {
      String id = model == null ? client.models().getFirst() : model;
      talk(new ChatSession(client, id, options(Optional.empty())), id);
    }
  }

  private GenerationOptions options(Optional<Double> usualTemperature) {
    return GenerationOptions.DEFAULTS.with(
        maxTokens == null ? OptionalInt.empty() : OptionalInt.of(maxTokens),
        Optional.ofNullable(temperature).or(() -> usualTemperature));
  }

  private void talk(ChatSession session, String name) throws IOException {
    session.system(system);
    if (!question.isEmpty()) {
      askOnce(session, String.join(" ", question));
    } else if (context.output().inTerminal()) {
      new ChatTerminal(session, name, context.home().folder().resolve("chat_history")).run();
    } else {
      askOnce(session, new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip());
    }
  }

  private void askOnce(ChatSession session, String text) {
    if (text.isEmpty()) {
      throw new UserError("there is no question; write one after the model, or to standard input");
    }
    CliOutput output = context.output();
    Answer answer = session.ask(text, new PlainPrinter(output));
    output.line("");
    if (output.errTerminal()) {
      output.note(output.dim(answer.summary()));
    }
  }
}
