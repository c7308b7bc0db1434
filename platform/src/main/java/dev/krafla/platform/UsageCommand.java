package dev.krafla.platform;

import dev.krafla.wire.Json;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code krafla usage}: what was used and what it cost. */
@Command(
    name = "usage",
    description = "What was used through a gateway and what it cost, added up.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla usage",
      "  krafla usage --by model --from 2026-11-01T00:00:00Z",
      "  krafla usage --by key --csv > usage.csv"
    })
final class UsageCommand implements Callable<Integer> {
  private static final String FORM = "%-24s %10s %14s %14s %14s %14s";

  private final CliContext context;

  @Mixin private AdminClient admin = new AdminClient();

  @Option(
      names = "--by",
      paramLabel = "WHAT",
      description =
          "day, model, provider, organisation, team, user, app or key. Default: ${DEFAULT-VALUE}.")
  private String by = "day";

  @Option(names = "--from", paramLabel = "TIME", description = "Default: 30 days ago.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "TIME", description = "Default: now.")
  private @Nullable String to;

  @Option(names = "--organisation", paramLabel = "ID", description = "Default: your own.")
  private @Nullable String organisation;

  @Option(names = "--csv", description = "Print CSV.")
  private boolean csv;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  UsageCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, Optional<String>> parameters = new HashMap<>();
    parameters.put("by", Optional.of(by));
    parameters.put("from", Optional.ofNullable(from));
    parameters.put("to", Optional.ofNullable(to));
    parameters.put("organisation", Optional.ofNullable(organisation));
    parameters.put("format", csv ? Optional.of("csv") : Optional.empty());
    String path = "/usage" + AdminClient.query(parameters);
    CliOutput output = context.output();
    if (csv) {
      output.out().print(admin.text(context, "GET", path, Optional.empty()));
      return 0;
    }
    ObjectNode answer = admin.ask(context, "GET", path, Optional.empty());
    if (json) {
      output.line(Json.write(answer));
    } else {
      print(output, answer);
    }
    return 0;
  }

  private void print(CliOutput output, ObjectNode answer) {
    output.line(
        output.dim(FORM.formatted(by, "requests", "prompt", "cached", "completion", "dollars")));
    for (JsonNode line : answer.path("data")) {
      output.line(
          FORM.formatted(
              line.path(by).asString(),
              "%,d".formatted(line.path("requests").asLong()),
              "%,d".formatted(line.path("prompt_tokens").asLong()),
              "%,d".formatted(line.path("cached_tokens").asLong()),
              "%,d".formatted(line.path("completion_tokens").asLong()),
              AdminClient.dollars(line, "dollars")));
    }
    if (answer.path("data").isEmpty()) {
      output.note("Nothing was used in this time.");
    }
  }
}
