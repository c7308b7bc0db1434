package dev.krafla.platform;

import dev.krafla.kernels.KvCache;
import dev.krafla.platform.bench.LoadReport;
import dev.krafla.platform.bench.Rung;
import dev.krafla.serving.replay.IdealCache;
import dev.krafla.serving.replay.TraceLoad;
import dev.krafla.serving.replay.TraceReader;
import dev.krafla.serving.replay.TraceRequest;
import dev.krafla.serving.replay.TraceScale;
import dev.krafla.serving.replay.Work;
import dev.krafla.serving.simulate.Fleet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** {@code krafla bench replay}: recorded load, as Mooncake's traces have it. */
@Command(
    name = "replay",
    description = {
      "Replays a trace of real users: its lengths and its shared beginnings, with made-up tokens.",
      "Traces have Mooncake's form: a JSON object a line with timestamp, input_length,"
          + " output_length and hash_ids (one per 512 tokens); gzip is fine. Equal ids become"
          + " equal tokens, so that a cache finds what it would have found.",
      "Tokens per compute second are prompt and output tokens served per second in which a"
          + " worker computed; time to first token counts from when a request was due."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla bench replay --trace conversation.jsonl.gz --scale 0.03125 --requests 300",
      "  krafla bench replay --trace conversation.jsonl.gz --scale 0.03125 --requests 300 --naive",
      "  krafla bench replay --trace t.jsonl --scale 0.03125 --requests 300 --ladder --html r.html",
      "  krafla bench replay --trace t.jsonl --scale 0.03125 --rate 1 --url http://127.0.0.1:8080",
      "  krafla bench replay --trace t.jsonl --scale 0.03125 --simulate 8 --rate 8"
    })
final class ReplayCommand implements Callable<Integer> {
  /** Most requests in flight of a timed replay: above it, requests go out late. */
  private static final int TIMED_PLACES = 1024;

  private final CliContext context;

  @Spec private CommandSpec spec;

  @Option(names = "--trace", required = true, paramLabel = "FILE", description = "The trace.")
  private Path trace = Path.of("");

  @Option(
      names = "--scale",
      paramLabel = "S",
      description = {
        "Shorten every length to this share; 0.03125 makes a block of 512 tokens one of 16.",
        "Default: ${DEFAULT-VALUE}."
      })
  private double scale = 1;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = {
        "Send requests R times as fast as they were recorded. Default: each as soon as one",
        "of --concurrency places is free."
      })
  private @Nullable Double rate;

  @Option(
      names = "--requests",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Only the first N. Default: all.")
  private int requests = Integer.MAX_VALUE;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Most requests at a time. Default: what fills all workers; 1024 with --rate.")
  private @Nullable Integer concurrency;

  @Option(
      names = "--naive",
      description = {
        "One request at a time, no prefix cache, no guessing ahead; the same kernels.",
        "What batching, caching and guessing save is the difference."
      })
  private boolean naive;

  @Option(
      names = "--ladder",
      description = "Run --naive, then with batching, with caching too, and with guessing too.")
  private boolean ladder;

  @Mixin private LoadTargetOptions target = new LoadTargetOptions();
  @Mixin private SimulateOptions simulate = new SimulateOptions();
  @Mixin private LoadReportOptions reporting = new LoadReportOptions();

  ReplayCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    check();
    List<TraceRequest> recorded = read();
    TraceScale by = TraceScale.of(scale);
    double speed = rate == null ? Double.POSITIVE_INFINITY : rate;
    if (simulate.workers().isPresent()) {
      return simulate(recorded, by, speed);
    }
    try (BenchSite site = target.open(context)) {
      List<Work> works = TraceLoad.of(recorded, by, speed, site.tokens(target.seed()));
      List<Work> warming =
          TraceLoad.of(
              recorded.subList(0, Math.min(16, recorded.size())),
              by,
              speed,
              site.tokens(~target.seed()));
      IdealCache ideal = IdealCache.of(works, KvCache.BLOCK_TOKENS);
      var runs =
          new LoadRuns(
              site,
              context.output(),
              target.warmUp(),
              rate != null,
              target.policy(),
              reporting.deadlines(),
              reporting.price());
      var legs = new ArrayList<LoadReport.Leg>();
      for (Rung rung : rungs()) {
        legs.add(runs.run(rung, works, warming, places(rung)));
      }
      reporting.tell(report(site.describe(), by, works, ideal, legs), context.output());
      return legs.stream().allMatch(l -> l.figures().completed() > 0) ? 0 : 1;
    }
  }

  private int simulate(List<TraceRequest> recorded, TraceScale by, double speed)
      throws InterruptedException {
    List<Work> works = TraceLoad.of(recorded, by, speed, Fleet.tokens(target.seed()));
    IdealCache ideal = IdealCache.of(works, KvCache.BLOCK_TOKENS);
    var simulated = new SimulatedReplay(simulate, target, reporting, context, recorded, by);
    List<LoadReport.Leg> legs = simulated.run(works, rate != null, places(target.rung()));
    reporting.tell(report(simulated.settings(), by, works, ideal, legs), context.output());
    return 0;
  }

  private void check() {
    reporting.check();
    if (rate != null && !(rate > 0 && rate <= 1e6)) {
      throw new UserError("--rate is %s; it must be above 0, up to 1000000".formatted(rate));
    }
    if (simulate.workers().isPresent() && (ladder || naive || target.remote())) {
      throw new UserError("--simulate goes neither with --ladder or --naive nor with --url");
    }
    simulate.stepCost();
    if (ladder && target.remote()) {
      throw new UserError(
          "--ladder switches an engine of this process; against --url run with and without --naive");
    }
    if (ladder && naive) {
      throw new UserError("--ladder has --naive in it; give one of the two");
    }
  }

  private List<TraceRequest> read() {
    try {
      return TraceReader.read(trace, requests);
    } catch (IOException e) {
      throw new UserError("--trace %s cannot be read: %s".formatted(trace, e.getMessage()), e);
    }
  }

  private List<Rung> rungs() {
    if (ladder) {
      return Rung.ladder(target.rung());
    }
    return List.of(naive ? Rung.NAIVE : target.rung());
  }

  private int places(Rung rung) {
    if (rung.equals(Rung.NAIVE)) {
      return 1;
    }
    if (concurrency != null) {
      return concurrency;
    }
    if (rate != null) {
      return TIMED_PLACES;
    }
    return simulate.workers().map(n -> n * rung.sequences()).orElseGet(() -> target.places(rung));
  }

  private LoadReport report(
      Map<String, Object> where,
      TraceScale by,
      List<Work> works,
      IdealCache ideal,
      List<LoadReport.Leg> legs) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("trace", trace.getFileName().toString());
    settings.put("requests", works.size());
    settings.put("scale", by.factor());
    settings.put("block_tokens", by.blockTokens());
    settings.put("rate", rate == null ? "as fast as answered" : rate);
    settings.put("naive", naive);
    settings.put("concurrency", naive ? 1 : places(target.rung()));
    settings.put("policy", target.policy().word());
    settings.put("seed", target.seed());
    settings.putAll(where);
    return new LoadReport(
        "Replay of %s, %d requests".formatted(trace.getFileName(), works.size()),
        CommandWords.of(spec),
        settings,
        OptionalDouble.of(ideal.hitRate()),
        reporting.deadlines(),
        reporting.price(),
        LoadReportOptions.CURRENCY,
        simulate.workers().isPresent() ? "policies" : "ladder",
        legs);
  }
}
