package dev.krafla.serving.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krafla.serving.replay.Deadlines;
import dev.krafla.serving.replay.Figures;
import dev.krafla.serving.replay.IdealCache;
import dev.krafla.serving.replay.Outcome;
import dev.krafla.serving.replay.Run;
import dev.krafla.serving.replay.TraceLoad;
import dev.krafla.serving.replay.TraceRequest;
import dev.krafla.serving.replay.TraceScale;
import dev.krafla.serving.replay.Work;
import dev.krafla.serving.route.Policy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FleetTest {
  /** A millisecond a step, 100 µs a row. */
  private static final StepCost COST = new StepCost(1_000_000, 100_000, 0, 0);

  private static final Deadlines LONG = new Deadlines(Duration.ofMinutes(1), Duration.ofMinutes(1));

  private static FleetShape shape(int workers, int cacheTokens) {
    return new FleetShape(workers, cacheTokens, 2000, 512, 64, true, COST);
  }

  private static Run run(FleetShape shape, Policy policy, List<Work> works, boolean timed) {
    return Fleet.run(shape, policy, works, timed, 1 << 20, (_, _, _) -> {});
  }

  private static double hitRate(Run run) {
    return Figures.of(run, LONG, 1).hitRate().orElseThrow();
  }

  /** Conversations whose turns come apart, each turn with all before it. */
  private static List<Work> conversations(int count, int turns) {
    var trace = new ArrayList<TraceRequest>();
    var random = new SplittableRandom(4);
    List<List<Integer>> said = new ArrayList<>();
    for (int c = 0; c < count; c++) {
      said.add(new ArrayList<>(List.of(0)));
    }
    int nextId = 1;
    for (int turn = 0; turn < turns; turn++) {
      for (int c = 0; c < count; c++) {
        List<Integer> ids = said.get(c);
        for (int more = 1 + random.nextInt(4); more > 0; more--) {
          ids.add(nextId++);
        }
        long at = (turn * (long) count + c) * 40;
        trace.add(new TraceRequest(at, ids.size() * 512, 160, List.copyOf(ids)));
      }
    }
    return TraceLoad.of(trace, TraceScale.of(1.0 / 32), 1, Fleet.tokens(1));
  }

  @Test
  void aRequestAloneTakesWhatItsStepsCost() {
    Work alone = new Work(0, Duration.ofSeconds(5), 3, () -> new int[100]);
    Outcome outcome =
        run(shape(1, 4096), Policy.PREFIX, List.of(alone), true).outcomes().getFirst();
    assertThat(outcome.sent()).isEqualTo(Duration.ofSeconds(5));
    assertThat(outcome.timeToFirstToken()).isEqualTo(Duration.ofMillis(11)); // 1 + 100 × 0.1
    assertThat(outcome.end().minus(outcome.firstToken())).isEqualTo(Duration.ofNanos(2_200_000));
  }

  @Test
  void oneWorkerWithRoomForAllIsTheIdealCache() {
    List<Work> works = conversations(20, 6);
    Run run = run(shape(1, 1 << 20), Policy.PREFIX, works, true);
    assertThat(run.outcomes()).hasSize(120).allMatch(o -> o.failure().isEmpty());
    assertThat(hitRate(run)).isCloseTo(IdealCache.of(works, 16).hitRate(), within(1e-9));
  }

  @Test
  void oursFindsNearlyWhatOneWorkerWouldAndOthersDoNot() {
    List<Work> works = conversations(40, 6);
    double ideal = IdealCache.of(works, 16).hitRate();
    double ours = hitRate(run(shape(8, 1 << 18), Policy.PREFIX, works, true));
    double turns = hitRate(run(shape(8, 1 << 18), Policy.ROUND_ROBIN, works, true));
    double any = hitRate(run(shape(8, 1 << 18), Policy.RANDOM, works, true));
    assertThat(ours).isGreaterThan(0.95 * ideal);
    assertThat(any).isLessThan(0.7 * ideal);
    assertThat(turns).isLessThanOrEqualTo(ours);
  }

  @Test
  void whatDoesNotFitIsThrownOut() {
    List<Work> works = conversations(40, 6);
    double small = hitRate(run(shape(1, 2048), Policy.PREFIX, works, true));
    double large = hitRate(run(shape(1, 1 << 20), Policy.PREFIX, works, true));
    assertThat(small).isLessThan(0.8 * large);
  }

  @Test
  void equalLoadsGiveEqualRuns() {
    List<Work> works = conversations(10, 4);
    assertThat(run(shape(3, 1 << 16), Policy.PREFIX, works, true))
        .isEqualTo(run(shape(3, 1 << 16), Policy.PREFIX, works, true));
  }

  @Test
  void computeIsTheTimeOfAllSteps() {
    List<Work> works = conversations(10, 4);
    Run run = run(shape(3, 1 << 16), Policy.LEAST_LOADED, works, false);
    Figures figures = Figures.of(run, LONG, 1);
    assertThat(figures.computeSeconds()).isLessThanOrEqualTo(3 * figures.wallSeconds());
    long computed = figures.promptTokens() - figures.cachedTokens() + figures.outputTokens();
    assertThat(figures.computeSeconds()).isGreaterThan((computed - works.size()) * 100e-6);
  }

  @Test
  void aThousandWorkersServeOneTrace() {
    List<Work> works = conversations(300, 3);
    Run run = run(shape(1000, 4096), Policy.LEAST_LOADED, works, true);
    assertThat(run.outcomes()).hasSize(900).allMatch(o -> o.failure().isEmpty());
    assertThat(run.outcomes().stream().mapToInt(Outcome::worker).distinct().count())
        .isGreaterThan(100);
  }

  @Test
  void whatExceedsTheCacheFailsByItself() {
    List<Work> works =
        List.of(
            new Work(0, Duration.ZERO, 3, () -> new int[3000]),
            new Work(1, Duration.ZERO, 3, () -> new int[30]));
    Run run = run(shape(1, 4096), Policy.PREFIX, works, false);
    assertThat(run.outcomes().get(0).failure())
        .hasValueSatisfying(why -> assertThat(why).contains("3000"));
    assertThat(run.outcomes().get(1).failure()).isEmpty();
  }
}
