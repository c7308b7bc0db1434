package dev.krafla.platform;

import dev.krafla.serving.simulate.StepCost;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a replay runs in virtual time. */
final class SimulateOptions {
  private static final int COSTS = 4;

  @Option(
      names = "--simulate",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = {
        "Simulate N workers in virtual time instead: the real router, scheduler and cache, and a",
        "model that takes as long as --model does here, as measured first; its error is told.",
        "All policies are run, one after the other."
      })
  private @Nullable Integer workers;

  @Option(
      names = "--cache-tokens",
      paramLabel = "N",
      converter = PositiveInt.class,
      description =
          "With --simulate: tokens that each worker's cache holds. Default: ${DEFAULT-VALUE}.")
  private int cacheTokens = 524_288;

  @Option(
      names = "--measure-requests",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "With --simulate: requests to measure first. Default: ${DEFAULT-VALUE}.")
  private int measureRequests = 100;

  @Option(
      names = "--step-cost",
      paramLabel = "NS",
      split = ",",
      description = {
        "With --simulate: measure nothing; a step takes this many nanoseconds, and for each",
        "row, each token that a row attends to and each token drawn: four numbers."
      })
  private double @Nullable [] stepCost;

  Optional<Integer> workers() {
    return Optional.ofNullable(workers);
  }

  int cacheTokens() {
    return cacheTokens;
  }

  int measureRequests() {
    return measureRequests;
  }

  Optional<StepCost> stepCost() {
    if (stepCost == null) {
      return Optional.empty();
    }
    if (stepCost.length != COSTS || Arrays.stream(stepCost).anyMatch(c -> !(c >= 0 && c < 1e12))) {
      throw new UserError(
          "--step-cost %s: it takes four numbers of 0 or more, as 1500000,400000,20,900000"
              .formatted(Arrays.toString(stepCost)));
    }
    return Optional.of(new StepCost(stepCost[0], stepCost[1], stepCost[2], stepCost[3]));
  }
}
