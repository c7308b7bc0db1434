package dev.krafla.serving.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StepCostTest {
  private static List<StepSample> samples(StepCost cost, double noise) {
    var random = new SplittableRandom(1);
    var samples = new ArrayList<StepSample>();
    for (int i = 0; i < 500; i++) {
      int rows = 1 + random.nextInt(512);
      var step =
          new StepSample(rows, rows * (long) random.nextInt(2000), 1 + random.nextInt(64), 0);
      long nanos = Math.round(cost.nanos(step) * (1 + noise * (random.nextDouble() - 0.5)));
      samples.add(new StepSample(step.rows(), step.context(), step.draws(), nanos));
    }
    return samples;
  }

  @Test
  void findsTheCostsThatMadeTheSamples() {
    var cost = new StepCost(2_000_000, 400_000, 25, 90_000);
    StepCost found = StepCost.fit(samples(cost, 0));
    assertThat(found.perStep()).isCloseTo(cost.perStep(), within(100.0));
    assertThat(found.perRow()).isCloseTo(cost.perRow(), within(1.0));
    assertThat(found.perContext()).isCloseTo(cost.perContext(), within(0.001));
    assertThat(found.perDraw()).isCloseTo(cost.perDraw(), within(10.0));
  }

  @Test
  void noiseMovesThemLittle() {
    var cost = new StepCost(2_000_000, 400_000, 25, 90_000);
    StepCost found = StepCost.fit(samples(cost, 0.2));
    assertThat(found.perRow()).isCloseTo(cost.perRow(), within(0.05 * cost.perRow()));
  }

  @Test
  void noCostIsNegative() {
    List<StepSample> falling =
        List.of(
            new StepSample(1, 1, 1, 900),
            new StepSample(2, 2, 1, 800),
            new StepSample(3, 3, 1, 700));
    StepCost found = StepCost.fit(falling);
    assertThat(found.perRow()).isZero();
    assertThat(found.nanos(falling.get(1))).isBetween(700L, 900L);
  }

  @Test
  void equalSamplesAreExplainedToo() {
    List<StepSample> equal =
        List.of(new StepSample(4, 40, 1, 1000), new StepSample(4, 40, 1, 1000));
    assertThat(StepCost.fit(equal).nanos(equal.getFirst())).isCloseTo(1000L, within(1L));
    assertThatThrownBy(() -> StepCost.fit(List.of())).hasMessageContaining("no samples");
  }
}
