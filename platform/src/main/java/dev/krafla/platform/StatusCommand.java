package dev.krafla.platform;

import dev.krafla.platform.up.RunFile;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code krafla status}: what {@code krafla up} runs here. */
@Command(
    name = "status",
    description = {
      "What krafla up runs in this home, and how it is.",
      "Exit status 0 when all of it is ready, 3 when nothing runs or a part does not."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  krafla status", "  krafla status --json"})
final class StatusCommand implements Callable<Integer> {
  /** As {@code systemctl status} says that a unit does not run. */
  private static final int NOT_RUNNING = 3;

  private final CliContext context;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  StatusCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    CliOutput output = context.output();
    Optional<RunFile.Running> running = RunFile.read(context.home().folder());
    if (running.isEmpty()) {
      output.line(json ? "{\"parts\":[]}" : "Nothing runs here. To start it: ./krafla up");
      return NOT_RUNNING;
    }
    if (json) {
      output.line(Json.write(RunFile.toJson(running.get())));
    } else {
      print(running.get());
    }
    return running.get().parts().stream().allMatch(p -> p.state().equals("ready"))
        ? 0
        : NOT_RUNNING;
  }

  private void print(RunFile.Running running) {
    CliOutput output = context.output();
    output.line(
        "%s, process %d, for %s"
            .formatted(
                output.accent(running.url().toString()),
                running.pid(),
                text(Duration.between(running.since(), Instant.now()))));
    output.line("");
    for (RunFile.Part part : running.parts()) {
      output.line(
          "  %-10s %-9s %8s  %s"
              .formatted(
                  part.name(),
                  part.state(),
                  part.pid() == 0 ? "" : Long.toString(part.pid()),
                  part.note())
              .stripTrailing());
    }
  }

  private static String text(Duration time) {
    if (time.toDays() > 0) {
      return "%d d %d h".formatted(time.toDays(), time.toHoursPart());
    }
    if (time.toHours() > 0) {
      return "%d h %d min".formatted(time.toHours(), time.toMinutesPart());
    }
    return "%d min %d s".formatted(time.toMinutes(), time.toSecondsPart());
  }
}
