package dev.krafla.platform;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code krafla logs}: what the programs that {@code krafla up} runs have said. */
@Command(
    name = "logs",
    description = "What the programs that krafla up runs have said.",
    footerHeading = "%nExamples:%n",
    footer = {"  krafla logs", "  krafla logs worker -n 200", "  krafla logs gateway -f"})
final class LogsCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final int PIECE = 1 << 14;

  private final CliContext context;
  private final StopSignal stop;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "Of which; default: all there is.")
  private String name = "";

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "The last so many of each. Default: ${DEFAULT-VALUE}.")
  private int lines = 50;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what is said from now on, until Ctrl-C; needs NAME.")
  private boolean follow;

  LogsCommand(CliContext context, StopSignal stop) {
    this.context = context;
    this.stop = stop;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> names = names();
    if (names.isEmpty()) {
      throw new UserError(
          "there are no logs in %s; krafla up writes them".formatted(context.home().logs()));
    }
    if (!name.isEmpty() && !names.contains(name)) {
      throw new UserError(
          "there is no log of '%s'; there is %s".formatted(name, String.join(", ", names)));
    }
    if (follow && name.isEmpty()) {
      throw new UserError("say which log to follow: " + String.join(", ", names));
    }
    for (String each : name.isEmpty() ? names : List.of(name)) {
      if (name.isEmpty()) {
        context.output().line(context.output().bold(each));
      }
      Path file = context.home().log(each);
      long bytes = Files.size(file);
      tail(file, bytes).forEach(context.output()::line);
      context.output().flush();
      if (follow) {
        follow(file, bytes); // what was added meanwhile, too
      }
    }
    return 0;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(context.home().logs())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".log"))
          .map(file -> file.substring(0, file.length() - ".log".length()))
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** The last lines of the first {@code bytes}; a file has at most some ten million. */
  private Deque<String> tail(Path file, long bytes) throws IOException {
    var last = new ArrayDeque<String>();
    try (InputStream in = Files.newInputStream(file)) {
      new String(in.readNBytes(Math.toIntExact(bytes)), StandardCharsets.UTF_8)
          .lines()
          .forEach(line -> {
            if (last.size() == lines) {
              last.removeFirst();
            }
            last.addLast(line);
          });
    }
    return last;
  }

  private void follow(Path file, long from) throws IOException, InterruptedException {
    stop.heed();
    long at = from;
    do {
      if (Files.notExists(file) || Files.size(file) < at) {
        at = 0; // the log was full, and goes on in a new file
      }
      at = print(file, at);
    } while (!stop.await(LOOK));
  }

  private long print(Path file, long from) throws IOException {
    try (var in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(from);
      byte[] piece = new byte[PIECE];
      long at = from;
      for (int n = in.read(piece); n > 0; n = in.read(piece)) {
        context.output().out().print(new String(piece, 0, n, StandardCharsets.UTF_8));
        at += n;
      }
      context.output().flush();
      return at;
    }
  }
}
