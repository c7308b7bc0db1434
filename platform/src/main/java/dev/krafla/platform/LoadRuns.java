package dev.krafla.platform;

import dev.krafla.kernels.KvCache;
import dev.krafla.platform.bench.LoadReport;
import dev.krafla.platform.bench.Rung;
import dev.krafla.serving.replay.Deadlines;
import dev.krafla.serving.replay.Driver;
import dev.krafla.serving.replay.Endpoint;
import dev.krafla.serving.replay.Figures;
import dev.krafla.serving.replay.Run;
import dev.krafla.serving.replay.Work;
import dev.krafla.serving.route.Policy;
import dev.krafla.serving.route.Router;
import java.time.Duration;
import java.util.List;

/**
 * Sends the same load once or several times, each time to fresh workers.
 *
 * @param warmUp other prompts of the same lengths are sent this long before anything counts
 * @param timed whether requests wait until they are due
 * @param policy which worker gets which request
 */
record LoadRuns(
    BenchSite site,
    CliOutput output,
    Duration warmUp,
    boolean timed,
    Policy policy,
    Deadlines deadlines,
    double price) {
  /** Most requests that warm workers up. */
  private static final int WARM_UP_REQUESTS = 16;

  /** Blocks that are remembered for each worker: four million tokens. */
  private static final int RECORD_BLOCKS = 1 << 18;

  /**
   * One run.
   *
   * @param warming the same load from another seed
   * @param concurrency most requests at a time
   */
  LoadReport.Leg run(Rung rung, List<Work> works, List<Work> warming, int concurrency)
      throws InterruptedException {
    List<Endpoint> endpoints = site.open(rung, Math.max(concurrency, WARM_UP_REQUESTS));
    try {
      warmUp(endpoints, warming, concurrency);
      Run run;
      try (var progress = new CountProgress(output, rung.name(), works.size())) {
        run = driver(endpoints, timed, concurrency, (done, _, _) -> progress.at(done)).run(works);
      }
      return new LoadReport.Leg(rung.name(), run, Figures.of(run, deadlines, price));
    } finally {
      endpoints.forEach(Endpoint::close);
    }
  }

  private void warmUp(List<Endpoint> endpoints, List<Work> warming, int concurrency)
      throws InterruptedException {
    List<Work> few = warming.subList(0, Math.min(WARM_UP_REQUESTS, warming.size()));
    long end = System.nanoTime() + warmUp.toNanos();
    while (System.nanoTime() < end) {
      driver(endpoints, false, concurrency, (_, _, _) -> {}).run(few);
    }
  }

  private Driver driver(
      List<Endpoint> endpoints, boolean wait, int concurrency, Driver.Listener listener) {
    var router =
        new Router(
            policy.picker(1),
            endpoints.size(),
            KvCache.BLOCK_TOKENS,
            RECORD_BLOCKS,
            System::nanoTime);
    return new Driver(endpoints, router, wait, concurrency, listener);
  }
}
