package dev.krafla.platform;

import dev.krafla.platform.bench.LoadReport;
import dev.krafla.platform.bench.Rung;
import dev.krafla.serving.replay.SharedPrefixLoad;
import dev.krafla.serving.replay.Work;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code krafla bench load}: many users at once, in a closed loop. */
@Command(
    name = "load",
    description = {
      "Lets N clients ask at the same time; each sends its next request as soon as its last is"
          + " answered. Prompts are made-up tokens; their beginning may be shared by all.",
      "Output tokens per second are what all clients got together."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla bench load --clients 16 --prefix-tokens 1000 --output-tokens 64",
      "  krafla bench load --clients 16 --requests 64 --url http://127.0.0.1:8080 --json",
      "  krafla bench load --clients 1 --prompt-tokens 512 --output-tokens 1 --no-cache"
    })
final class LoadCommand implements Callable<Integer> {
  private final CliContext context;

  @Spec private CommandSpec spec;

  @Option(
      names = "--clients",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Users at the same time. Default: ${DEFAULT-VALUE}.")
  private int clients = 16;

  @Option(
      names = "--requests",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Requests of all clients together. Default: four for each.")
  private @Nullable Integer requests;

  @Option(
      names = "--prefix-tokens",
      paramLabel = "N",
      description = "First tokens of every prompt, shared by all. Default: ${DEFAULT-VALUE}.")
  private int prefixTokens;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Tokens of each request alone, after those. Default: ${DEFAULT-VALUE}.")
  private int promptTokens = 32;

  @Option(
      names = "--output-tokens",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Tokens of each answer. Default: ${DEFAULT-VALUE}.")
  private int outputTokens = 64;

  @Mixin private LoadTargetOptions target = new LoadTargetOptions();
  @Mixin private LoadReportOptions reporting = new LoadReportOptions();

  LoadCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    reporting.check();
    if (prefixTokens < 0) {
      throw new UserError("--prefix-tokens is %d; it must be 0 or more".formatted(prefixTokens));
    }
    int count = requests == null ? 4 * clients : requests;
    var load = new SharedPrefixLoad(count, prefixTokens, promptTokens, outputTokens);
    try (BenchSite site = target.open(context)) {
      List<Work> works = load.works(site.tokens(target.seed()));
      var runs =
          new LoadRuns(
              site,
              context.output(),
              target.warmUp(),
              false,
              target.policy(),
              reporting.deadlines(),
              reporting.price());
      Rung rung = target.rung();
      LoadReport.Leg leg = runs.run(rung, works, load.works(site.tokens(~target.seed())), clients);
      reporting.tell(report(site, count, leg), context.output());
      return leg.figures().completed() > 0 ? 0 : 1;
    }
  }

  private LoadReport report(BenchSite site, int count, LoadReport.Leg leg) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("clients", clients);
    settings.put("requests", count);
    settings.put("prefix_tokens", prefixTokens);
    settings.put("prompt_tokens_each", promptTokens);
    settings.put("output_tokens_each", outputTokens);
    settings.put("seed", target.seed());
    settings.putAll(site.describe());
    return new LoadReport(
        "Load of %d clients, %d requests".formatted(clients, count),
        CommandWords.of(spec),
        settings,
        OptionalDouble.empty(),
        reporting.deadlines(),
        reporting.price(),
        LoadReportOptions.CURRENCY,
        "runs",
        List.of(leg));
  }
}
