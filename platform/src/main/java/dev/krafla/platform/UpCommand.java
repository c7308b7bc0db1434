package dev.krafla.platform;

import dev.krafla.gateway.access.NewKey;
import dev.krafla.platform.up.ChildState;
import dev.krafla.platform.up.RunFile;
import dev.krafla.platform.up.Supervisor;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code krafla up}: everything on this machine, behind one port, until it is told to stop. */
@Command(
    name = "up",
    description = {
      "Runs everything on this machine: database, models, and one door in front of them and of"
          + " what krafla.yaml names.",
      "Fetches models that are not here. SIGTERM and Ctrl-C let running answers end."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla up",
      "  krafla up --model qwen3-4b --model smollm2-135m --port 9000",
      "  krafla up --no-models --config krafla.yaml --host 0.0.0.0",
      "  krafla up --model qwen3-4b --worker-options '--kv-memory 4GiB --max-sequences 64'",
      "",
      "Then, from another terminal: krafla status, krafla logs worker -f"
    })
final class UpCommand implements Callable<Integer> {
  private static final Duration DRAIN = Duration.ofSeconds(60);

  /** A worker whose answers have ended has nothing left to wait for. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final Duration LOOK = Duration.ofMillis(50);
  private static final int LAST_LINES = 8;

  private final CliContext context;
  private final StopSignal stop;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = {
        "Short name, reference or path of a model to run here. May be given several times: the first",
        "is loaded at the start, each other when it is asked for. Default: "
            + Main.DEFAULT_MODEL
            + "."
      })
  private List<String> models = List.of();

  @Option(
      names = "--no-models",
      description = "Run no model here: the door alone, and its database.")
  private boolean noModels;

  @Option(
      names = "--worker-options",
      paramLabel = "WORDS",
      description = "Further words for krafla serve, which runs the models.")
  private String workerOptions = "";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "What else there is to ask, and at what price. Read again when it changes.",
        "Default: krafla.yaml in KRAFLA_HOME, if it is there."
      })
  private @Nullable Path config;

  @Mixin private GatewayAddress address = new GatewayAddress();

  @Option(
      names = "--new-admin-key",
      description = "Make another admin key, for when the first is lost. Old ones hold on.")
  private boolean newAdminKey;

  @Option(
      names = "--take-over-ledger",
      description = {
        "Begin a new journal of what is spent, when the folder 'ledger' of this home is lost. What",
        "was not in the database yet is lost with it."
      })
  private boolean takeOver;

  UpCommand(CliContext context, StopSignal stop) {
    this.context = context;
    this.stop = stop;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    long began = System.nanoTime();
    if (noModels && !models.isEmpty()) {
      throw new UserError("--no-models and --model contradict each other; leave one out");
    }
    Optional<Path> file = configFile();
    try (RunFile run = takeHome()) {
      List<LocalModel> local = noModels ? List.of() : fetched();
      var board = new UpBoard(run, context.output());
      Optional<WorkerProgram> worker = worker(local);
      // The slowest first. Closed last, so that answers end before their worker does.
      try (var supervisor = new Supervisor(GRACE, board::workerChanged);
          HttpClient http = HttpClient.newHttpClient()) {
        worker.ifPresent(w -> supervisor.start(w.spec(context.home(), http)));
        try (ControlRole control = ControlRole.start(plan(file, worker, names(local)))) {
          stop.heed();
          board.gatewayReady(control.url(), control.database());
          Optional<NewKey> shown = keepAdminKey(control);
          if (awaitWorker(supervisor)) {
            tell(control, local, shown, Duration.ofNanos(System.nanoTime() - began));
            stop.await();
          }
          new Draining(stop, context.output(), DRAIN).run(control.underWay(), control::drain);
        }
        http.shutdownNow();
      }
    }
    return 0;
  }

  private Optional<Path> configFile() {
    if (config != null && !Files.isRegularFile(config)) {
      throw new UserError("--config %s is no file that can be read".formatted(config));
    }
    return Optional.ofNullable(config)
        .or(() ->
            Optional.of(context.home().folder().resolve("krafla.yaml"))
                .filter(Files::isRegularFile));
  }

  private RunFile takeHome() throws IOException {
    Path home = context.home().folder();
    Optional<RunFile> mine = RunFile.take(home);
    if (mine.isEmpty()) {
      throw new UserError(
          "krafla up runs already in %s (krafla status shows what); for another beside it set KRAFLA_HOME to another folder"
              .formatted(home));
    }
    return mine.get();
  }

  private List<String> wanted() {
    return models.isEmpty() ? List.of(Main.DEFAULT_MODEL) : models;
  }

  private List<LocalModel> fetched() throws InterruptedException {
    var fetched = new ArrayList<LocalModel>();
    for (String model : wanted()) {
      fetched.add(context.models().get(model, context.progress()));
    }
    return fetched;
  }

  private static List<String> names(List<LocalModel> local) {
    return local.stream().map(LocalModel::name).toList();
  }

  private Optional<WorkerProgram> worker(List<LocalModel> local) {
    if (local.isEmpty()) {
      return Optional.empty();
    }
    List<String> options =
        Pattern.compile(" +")
            .splitAsStream(workerOptions.strip())
            .filter(word -> !word.isEmpty())
            .toList();
    return Optional.of(WorkerProgram.atFreePort(wanted(), options, Secrets.random()));
  }

  private ControlRole.Plan plan(
      Optional<Path> file, Optional<WorkerProgram> worker, List<String> names) {
    return new ControlRole.Plan(
        context.home().folder(),
        context.environment(),
        file,
        worker,
        names,
        takeOver,
        address::apply,
        note -> {
          context.output().note(note);
          context.output().flush();
        });
  }

  /** Returns whether to go on: false when told to stop meanwhile. */
  private boolean awaitWorker(Supervisor supervisor) throws IOException, InterruptedException {
    while (!stop.await(LOOK)) {
      List<Supervisor.Status> all = supervisor.status();
      if (all.stream().allMatch(s -> s.state() instanceof ChildState.Ready)) {
        return true;
      }
      if (all.stream().anyMatch(s -> s.state() instanceof ChildState.Failed)) {
        throw new UserError(
            "the worker does not start. The end of its log (krafla logs worker):%n%s"
                .formatted(lastWords()));
      }
    }
    return false;
  }

  private String lastWords() throws IOException {
    List<String> lines =
        Files.readAllLines(context.home().log(WorkerProgram.NAME), StandardCharsets.UTF_8);
    return lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()).stream()
        .map(line -> "  " + line)
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Returns the admin key where it was made now: it is shown this once. */
  private Optional<NewKey> keepAdminKey(ControlRole control) throws IOException {
    Optional<NewKey> made = control.firstKey();
    if (made.isEmpty() && newAdminKey) {
      made = Optional.of(control.anotherAdminKey());
    }
    if (made.isPresent()) {
      AdminKeyFile.write(context.home(), made.get().text());
    }
    return made;
  }

  private void tell(
      ControlRole control, List<LocalModel> local, Optional<NewKey> shown, Duration took) {
    CliOutput output = context.output();
    output.line(
        String.format(
            Locale.ROOT,
            "Krafla is ready at %s after %.1f s",
            output.accent(control.url() + "/v1"),
            took.toMillis() / 1e3));
    output.line("");
    output.line("  Models    " + (local.isEmpty() ? "none here" : String.join(", ", names(local))));
    output.line("  Database  " + control.database());
    output.line("  Logs      " + context.home().logs());
    if (shown.isPresent()) {
      output.line("");
      output.line("The admin key, shown this once and kept in " + context.home().adminKey() + ":");
      output.line("  " + output.bold(shown.get().text()));
    }
    if (!local.isEmpty()) {
      output.line("");
      output.line("Try it:");
      output.line(example(control, local.getFirst().name()).indent(2).stripTrailing());
    }
    output.line("");
    output.line(output.dim("Ctrl-C stops it."));
    output.flush();
  }

  private String example(ControlRole control, String model) {
    return """
    curl %s/v1/chat/completions \\
      -H "Authorization: Bearer $(cat %s)" \\
      -H 'Content-Type: application/json' \\
      -d '{"model":"%s","messages":[{"role":"user","content":"Why is the sky blue?"}]}'
    """
        .formatted(control.url(), context.home().adminKey(), model);
  }
}
