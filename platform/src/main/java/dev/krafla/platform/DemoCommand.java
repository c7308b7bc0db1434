package dev.krafla.platform;

import dev.krafla.wire.GenerationOptions;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code krafla demo}: a small model fetched, served and asked, in one go. */
@Command(
    name = "demo",
    description = {
      "Fetches a small model, serves it on this machine and asks it a question.",
      "Once the model is here it needs no network."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  krafla demo", "  krafla demo \"What is a geyser?\""})
final class DemoCommand implements Callable<Integer> {
  private static final String QUESTION = "Why do volcanoes erupt? Answer in two sentences.";
  private static final int MAX_TOKENS = 200;

  private final CliContext context;

  @Parameters(arity = "0..1", paramLabel = "QUESTION", description = "Ask this instead.")
  private String question = QUESTION;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "Short name, reference or path. Default: ${DEFAULT-VALUE}.")
  private String model = Main.DEFAULT_MODEL;

  DemoCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    CliOutput output = context.output();
    var options = new EngineOptions();
    LocalModel local = context.models().get(model, context.progress());
    step("Model", "%s, %s".formatted(local.name(), ByteSize.text(OpenModel.bytes(local))));
    try (OpenModel open = OpenModel.load(local, options, context).forChat();
        var worker = PrivateWorker.start(open, options.engineConfig())) {
      step(
          "Worker",
          "%s, %s kernels on %d threads"
              .formatted(worker.url(), open.kernels().tier(), open.kernels().threads()));
      step("Asked", question);
      output.line("");
      ask(new ChatSession(worker.client(), local.name(), generation()));
    }
    next();
    return 0;
  }

  /** Greedy: a demo should show everybody the same. */
  private static GenerationOptions generation() {
    return GenerationOptions.DEFAULTS.with(OptionalInt.of(MAX_TOKENS), Optional.of(0.0));
  }

  private void ask(ChatSession session) {
    CliOutput output = context.output();
    Answer answer = session.ask(question, new PlainPrinter(output));
    output.line("");
    output.line("");
    output.line(output.dim(answer.summary()));
  }

  private void step(String name, String text) {
    CliOutput output = context.output();
    output.line("%s  %s".formatted(output.accent((name + "      ").substring(0, 6)), text));
    output.flush();
  }

  private void next() {
    CliOutput output = context.output();
    output.line("");
    output.line("What to do next:");
    next("chat", "talk to it yourself");
    next("serve " + model, "serve it to any OpenAI client");
    next("models", "larger models, by short name");
    next("help", "everything else");
  }

  private void next(String command, String what) {
    context.output().line("  ./krafla %-22s %s".formatted(command, what));
  }
}
