package dev.krafla.platform;

import dev.krafla.engine.EngineConfig;
import dev.krafla.kernels.KvCache;
import dev.krafla.models.Tokenizer;
import dev.krafla.platform.bench.LoadReport;
import dev.krafla.platform.bench.Rung;
import dev.krafla.serving.replay.Figures;
import dev.krafla.serving.replay.MadeUpTokens;
import dev.krafla.serving.replay.Run;
import dev.krafla.serving.replay.TraceLoad;
import dev.krafla.serving.replay.TraceRequest;
import dev.krafla.serving.replay.TraceScale;
import dev.krafla.serving.replay.Work;
import dev.krafla.serving.route.Policy;
import dev.krafla.serving.simulate.Fleet;
import dev.krafla.serving.simulate.FleetShape;
import dev.krafla.serving.simulate.StepCost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Replays a trace on a fleet in virtual time, with every policy. */
final class SimulatedReplay {
  /** What is compared with first, ours last. */
  private static final List<Policy> POLICIES =
      List.of(Policy.RANDOM, Policy.ROUND_ROBIN, Policy.LEAST_LOADED, Policy.PREFIX);

  private final SimulateOptions options;
  private final LoadTargetOptions target;
  private final LoadReportOptions reporting;
  private final CliContext context;
  private final List<TraceRequest> trace;
  private final TraceScale scale;
  private final Map<String, Object> settings = new LinkedHashMap<>();

  SimulatedReplay(
      SimulateOptions options,
      LoadTargetOptions target,
      LoadReportOptions reporting,
      CliContext context,
      List<TraceRequest> trace,
      TraceScale scale) {
    this.options = options;
    this.target = target;
    this.reporting = reporting;
    this.context = context;
    this.trace = trace;
    this.scale = scale;
  }

  /** What one needs to know of it to compare figures; whole once it has run. */
  Map<String, Object> settings() {
    return settings;
  }

  /** One run for each policy. */
  List<LoadReport.Leg> run(List<Work> works, boolean timed, int concurrency)
      throws InterruptedException {
    int workers = options.workers().orElseThrow();
    settings.put("simulated_workers", workers);
    settings.put("cache_tokens_each", options.cacheTokens());
    StepCost cost = options.stepCost().isPresent() ? options.stepCost().get() : measured();
    settings.put(
        "step_cost_ns",
        String.format(
            Locale.ROOT,
            "%.0f a step, %.0f a row, %.2f a token attended to, %.0f a token drawn",
            cost.perStep(),
            cost.perRow(),
            cost.perContext(),
            cost.perDraw()));
    var legs = new ArrayList<LoadReport.Leg>();
    for (Policy policy : POLICIES) {
      Run run;
      try (var progress = new CountProgress(context.output(), policy.word(), works.size())) {
        run =
            Fleet.run(
                shape(workers, cost),
                policy,
                works,
                timed,
                concurrency,
                (done, _, _) -> progress.at(done));
      }
      legs.add(
          new LoadReport.Leg(
              policy.word(), run, Figures.of(run, reporting.deadlines(), reporting.price())));
    }
    return legs;
  }

  private FleetShape shape(int workers, StepCost cost) {
    Rung rung = target.rung();
    int longest =
        trace.stream()
            .mapToInt(r -> scale.length(r.inputLength()) + scale.length(r.outputLength()))
            .max()
            .orElse(1);
    return new FleetShape(
        workers,
        Math.max(options.cacheTokens(), KvCache.BLOCK_TOKENS),
        longest + 1,
        target.engineOptions().engineConfig().maxBatchTokens(),
        rung.sequences(),
        rung.caching(),
        cost);
  }

  /** What a step costs here; tells how far a simulation of the measured run is from it. */
  private StepCost measured() throws InterruptedException {
    List<TraceRequest> first = trace.subList(0, Math.min(options.measureRequests(), trace.size()));
    Rung full = target.rung();
    var rung = new Rung("measure", full.caching(), full.sequences(), 0);
    try (OpenModel model = target.openModel(context)) {
      EngineConfig config =
          rung.config(target.engineOptions().engineConfig(), rung.sequences() + 16)
              .withPromptLogitsBytes(0);
      List<Work> works = works(first, tokens(model, target.seed()));
      List<Work> warming = works(first, tokens(model, ~target.seed()));
      StepCostMeasurement measured =
          StepCostMeasurement.of(
              model,
              config,
              target.cpuClock(),
              warming.subList(0, Math.min(16, warming.size())),
              works,
              context.output());
      settings.put("model", model.source().name());
      settings.put("kernels", model.kernels().tier());
      settings.put("threads", model.kernels().threads());
      settings.put("machine", Machine.cpu());
      settings.put("measured_requests", works.size());
      settings.put("model_error", error(measured, first));
      return measured.cost();
    }
  }

  /** The measured run simulated: by how much its figures differ from those measured. */
  private String error(StepCostMeasurement measured, List<TraceRequest> first) {
    Run again =
        Fleet.run(
            shape(1, measured.cost()),
            Policy.PREFIX,
            works(first, Fleet.tokens(target.seed())),
            false,
            target.rung().sequences(),
            (_, _, _) -> {});
    Figures real = Figures.of(measured.run(), reporting.deadlines(), reporting.price());
    Figures simulated = Figures.of(again, reporting.deadlines(), reporting.price());
    return String.format(
        Locale.ROOT,
        "compute %+.1f %% (%.2f s simulated, %.2f s measured), hit rate %+.2f points,"
            + " first token p50 %+.1f %%",
        100 * (simulated.computeSeconds() / real.computeSeconds() - 1),
        simulated.computeSeconds(),
        real.computeSeconds(),
        100 * (simulated.hitRate().orElse(0) - real.hitRate().orElse(0)),
        100 * (simulated.timeToFirstToken().p50() / real.timeToFirstToken().p50() - 1));
  }

  private List<Work> works(List<TraceRequest> requests, MadeUpTokens tokens) {
    return TraceLoad.of(requests, scale, Double.POSITIVE_INFINITY, tokens);
  }

  private static MadeUpTokens tokens(OpenModel model, long seed) {
    Tokenizer tokenizer = model.loaded().tokenizer();
    int size = Math.min(tokenizer.vocabSize(), model.loaded().lm().info().vocabSize());
    return MadeUpTokens.of(
        0, size, id -> !tokenizer.isSpecial(id) && tokenizer.tokenBytes(id, true).length > 0, seed);
  }
}
