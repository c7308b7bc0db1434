package dev.krafla.serving.simulate;

import java.util.Arrays;
import java.util.List;

/**
 * How long a step takes: a sum of what every step, every row, every attended token and every drawn
 * token cost, in nanoseconds.
 */
public record StepCost(double perStep, double perRow, double perContext, double perDraw) {
  private static final int TERMS = 4;

  public StepCost {
    if (!(perStep >= 0 && perRow >= 0 && perContext >= 0 && perDraw >= 0)) {
      throw new IllegalArgumentException(
          "costs are %s, %s, %s and %s ns; none may be negative"
              .formatted(perStep, perRow, perContext, perDraw));
    }
  }

  /** Nanoseconds of a step. */
  public long nanos(StepSample step) {
    return Math.round(
        perStep + perRow * step.rows() + perContext * step.context() + perDraw * step.draws());
  }

  /** Every step takes {@code nanos} more: what is done around the forward pass. */
  public StepCost plusPerStep(double nanos) {
    return new StepCost(perStep + Math.max(0, nanos), perRow, perContext, perDraw);
  }

  /**
   * The costs that explain {@code samples} best, by least squares; a cost that would be negative is
   * left out.
   *
   * @throws IllegalArgumentException when there are no samples
   */
  public static StepCost fit(List<StepSample> samples) {
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("no samples to fit");
    }
    boolean[] used = new boolean[TERMS];
    Arrays.fill(used, true);
    while (true) {
      double[] costs = solve(samples, used);
      int worst = 0;
      for (int i = 1; i < TERMS; i++) {
        worst = costs[i] < costs[worst] ? i : worst;
      }
      if (costs[worst] >= 0) {
        return new StepCost(costs[0], costs[1], costs[2], costs[3]);
      }
      used[worst] = false;
    }
  }

  private static double[] terms(StepSample sample) {
    return new double[] {1, sample.rows(), (double) sample.context(), sample.draws()};
  }

  /** Normal equations, by elimination with pivots; what the samples do not tell apart is 0. */
  private static double[] solve(List<StepSample> samples, boolean[] used) {
    double[][] a = new double[TERMS][TERMS + 1];
    for (StepSample sample : samples) {
      double[] x = terms(sample);
      for (int i = 0; i < TERMS; i++) {
        for (int j = 0; j < TERMS; j++) {
          a[i][j] += x[i] * x[j];
        }
        a[i][TERMS] += x[i] * sample.nanos();
      }
    }
    double[] scale = new double[TERMS];
    for (int i = 0; i < TERMS; i++) {
      scale[i] = Math.sqrt(Math.max(a[i][i], Double.MIN_NORMAL));
    }
    for (int i = 0; i < TERMS; i++) {
      for (int j = 0; j < TERMS; j++) {
        a[i][j] = used[i] && used[j] ? a[i][j] / scale[i] / scale[j] : i == j ? 1 : 0;
      }
      a[i][TERMS] = used[i] ? a[i][TERMS] / scale[i] : 0;
    }
    double[] costs = eliminate(a);
    for (int i = 0; i < TERMS; i++) {
      costs[i] /= scale[i];
    }
    return costs;
  }

  private static double[] eliminate(double[][] a) {
    for (int column = 0; column < TERMS; column++) {
      int pivot = column;
      for (int row = column + 1; row < TERMS; row++) {
        pivot = Math.abs(a[row][column]) > Math.abs(a[pivot][column]) ? row : pivot;
      }
      double[] swapped = a[pivot];
      a[pivot] = a[column];
      a[column] = swapped;
      if (Math.abs(a[column][column]) < 1e-9) {
        Arrays.fill(a[column], 0);
        a[column][column] = 1;
      }
      for (int row = 0; row < TERMS; row++) {
        if (row != column) {
          double factor = a[row][column] / a[column][column];
          for (int k = column; k <= TERMS; k++) {
            a[row][k] -= factor * a[column][k];
          }
        }
      }
    }
    double[] costs = new double[TERMS];
    for (int i = 0; i < TERMS; i++) {
      costs[i] = a[i][TERMS] / a[i][i];
    }
    return costs;
  }
}
