package dev.krafla.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The budget against steps whose times follow a formula. */
class StepBudgetTest {
  private static final int MAX = 512;
  private static final int DECODING = 8;
  private static final long MILLI = 1_000_000;

  @Test
  void aStepIsFullWhereNobodyDecodesOrNobodyIsHurried() {
    var budget = new StepBudget(MAX);
    budget.observe(0, MAX, 1000 * MILLI);

    assertThat(budget.tokens(0, 10 * MILLI)).isEqualTo(MAX);
    assertThat(budget.tokens(DECODING, StepBudget.UNHURRIED)).isEqualTo(MAX);
  }

  /**
   * Decoding takes {@code decodeMillis}, a prompt token at first so many, then three times that.
   */
  @ParameterizedTest
  @CsvSource({"10, 0.2, 50", "10, 0.2, 100", "30, 0.5, 100", "1, 0.02, 5", "40, 0.1, 60"})
  void stepsBesideAnswersKeepTheirDeadlineAndUseMostOfIt(
      double decodeMillis, double promptMillis, double deadlineMillis) {
    var random = new SplittableRandom(1);
    var budget = new StepBudget(MAX);
    long deadline = (long) (deadlineMillis * MILLI);
    for (int i = 0; i < 10; i++) {
      budget.observe(DECODING, 0, (long) (decodeMillis * MILLI));
    }
    int late = 0;
    double used = 0;
    int steps = 2000;
    for (int i = 0; i < steps; i++) {
      int prompt = budget.tokens(DECODING, deadline) - DECODING;
      double grown =
          promptMillis * (1 + 2.0 * (i % 40) / 40); // a prompt's end attends to all of it
      double millis = (decodeMillis + prompt * grown) * (0.97 + 0.06 * random.nextDouble());
      budget.observe(DECODING, prompt, (long) (millis * MILLI));
      late += millis > deadlineMillis ? 1 : 0;
      used += millis / deadlineMillis / steps;
    }
    assertThat(late).isLessThan(steps / 100);
    assertThat(used).isGreaterThan(0.6);
  }

  @Test
  void promptsGoOnWhereDecodingAloneIsTooSlow() {
    var budget = new StepBudget(MAX);
    for (int i = 0; i < 20; i++) {
      budget.observe(DECODING, 0, 300 * MILLI);
      budget.observe(DECODING, 100, 400 * MILLI);
    }
    assertThat(budget.tokens(DECODING, 50 * MILLI)).isEqualTo(DECODING + MAX / 32);
  }

  @Test
  void theFirstStepIsModest() {
    assertThat(new StepBudget(MAX).tokens(DECODING, 50 * MILLI)).isEqualTo(DECODING + MAX / 4);
  }

  @Test
  void theSmallestStepIsOneToken() {
    var budget = new StepBudget(1);

    assertThat(budget.tokens(0, 5)).isEqualTo(1);
    assertThat(budget.tokens(1, 5)).isEqualTo(1);
  }
}
