package dev.krafla.engine.speculate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StepTimesTest {
  /** Steps that take {@code fixed + perRow · rows}, give or take a tenth. */
  private static StepTimes learned(double fixed, double perRow, int maxRows) {
    var times = new StepTimes();
    var random = new SplittableRandom(7);
    for (int i = 0; i < 400; i++) {
      int rows = random.nextInt(1, maxRows + 1);
      double noise = 0.9 + 0.2 * random.nextDouble();
      times.observe(rows, (long) ((fixed + perRow * rows) * noise));
    }
    return times;
  }

  @Test
  void moreRowsPayWhereTheyAreNearlyFree() {
    assertThat(learned(1_000_000, 10_000, 9).breakEven(1)).isLessThan(0.05);
  }

  @Test
  void noGuessPaysWhereRowsAreAllThatCosts() {
    assertThat(learned(1, 1_000_000, 40).breakEven(40)).isGreaterThan(0.97);
  }

  @Test
  void theBreakEvenIsTheCostOfOneMoreRowOverTheMeanCostOfARow() {
    double fixed = 2_000_000;
    double perRow = 500_000;
    StepTimes times = learned(fixed, perRow, 16);
    for (int n : new int[] {1, 4, 16}) {
      double exact = perRow / ((fixed + perRow * n) / n);
      assertThat(times.breakEven(n)).isCloseTo(exact, within(0.1));
    }
  }

  @Test
  void withoutDifferentStepsTheCostIsTakenToBeModerate() {
    var times = new StepTimes();
    assertThat(times.breakEven(1)).isBetween(0.1, 0.4);
    for (int i = 0; i < 100; i++) {
      times.observe(1, 3_000_000);
    }
    assertThat(times.breakEven(1)).isBetween(0.1, 0.4);
  }

  @Test
  void wrongGuessesAreGivenUpAndTriedAgainLater() {
    var acceptance = new Acceptance();
    assertThat(acceptance.worth(0.2, 8)).isBetween(2, 5);
    for (int i = 0; i < 40; i++) {
      acceptance.checked(3, 0);
    }
    assertThat(acceptance.worth(0.2, 8)).isZero();
    int steps = 0;
    while (acceptance.worth(0.2, 8) == 0) {
      steps++;
    }
    assertThat(steps).isBetween(5, 60);
  }

  @Test
  void guessesThatComeTrueGrowLonger() {
    var acceptance = new Acceptance();
    for (int i = 0; i < 40; i++) {
      acceptance.checked(4, 4);
    }
    assertThat(acceptance.worth(0.3, 8)).isEqualTo(8);
  }
}
