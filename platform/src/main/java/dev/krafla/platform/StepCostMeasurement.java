package dev.krafla.platform;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.engine.EngineStats;
import dev.krafla.kernels.KvCache;
import dev.krafla.serving.replay.Driver;
import dev.krafla.serving.replay.EngineEndpoint;
import dev.krafla.serving.replay.Run;
import dev.krafla.serving.replay.Work;
import dev.krafla.serving.route.Policy;
import dev.krafla.serving.route.Router;
import dev.krafla.serving.simulate.StepCost;
import dev.krafla.serving.simulate.TimedLm;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Runs a load on a real engine and finds what its steps cost.
 *
 * @param run what came of the load
 * @param cost what explains its steps best
 */
record StepCostMeasurement(Run run, StepCost cost) {
  /**
   * Measures {@code works} on {@code model}, after {@code warming}.
   *
   * @param config without guessing ahead, which a simulation has not
   * @param cpuClock count CPU time: for an engine of one thread
   */
  static StepCostMeasurement of(
      OpenModel model,
      EngineConfig config,
      boolean cpuClock,
      List<Work> warming,
      List<Work> works,
      CliOutput output)
      throws InterruptedException {
    LongSupplier clock =
        cpuClock ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime : System::nanoTime;
    var timed = new TimedLm(model.loaded().lm(), clock);
    Engine engine = Engine.start(timed, model.loaded().tokenizer(), config);
    Supplier<Duration> busy = cpuClock ? EngineCpuClock::now : () -> engine.stats().busy();
    try (var endpoint = new EngineEndpoint(engine, busy, "measured");
        var progress = new CountProgress(output, "measure", works.size())) {
      int places = config.maxSequences();
      driver(endpoint, places, (_, _, _) -> {}).run(warming);
      timed.forget();
      EngineStats before = engine.stats();
      Run run = driver(endpoint, places, (done, _, _) -> progress.at(done)).run(works);
      double steps = Math.max(1, engine.stats().steps() - before.steps());
      double inPasses = timed.samples().stream().mapToLong(s -> s.nanos()).sum();
      double around = (run.computeOrWall().toNanos() - inPasses) / steps;
      return new StepCostMeasurement(run, StepCost.fit(timed.samples()).plusPerStep(around));
    }
  }

  private static Driver driver(EngineEndpoint endpoint, int places, Driver.Listener listener) {
    var router =
        new Router(Policy.PREFIX.picker(1), 1, KvCache.BLOCK_TOKENS, 1 << 16, System::nanoTime);
    return new Driver(List.of(endpoint), router, false, places, listener);
  }
}
