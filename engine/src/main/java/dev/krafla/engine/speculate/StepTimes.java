package dev.krafla.engine.speculate;

/**
 * What a step costs by its rows, learned from the steps of this process as {@code a + b · rows} by
 * least squares that forget. Where weights have to be read from memory {@code a} is large and more
 * rows are nearly free; where a batch is full, {@code b · rows} is all.
 */
public final class StepTimes {
  private static final double KEEP = 0.98; // of the past at each step: about 50 steps count

  /** Share of a one-row step that one more row is taken to cost until it has been seen. */
  private static final double PRIOR_SHARE = 0.2;

  /** Variance of rows, relative to their mean's square, below which no slope can be told. */
  private static final double TOO_EQUAL = 1e-3;

  private double weight;
  private double rows;
  private double rowsSquared;
  private double nanos;
  private double product;

  /** Notes a step of {@code n} rows. */
  public void observe(int n, long elapsedNanos) {
    weight = KEEP * weight + 1;
    rows = KEEP * rows + n;
    rowsSquared = KEEP * rowsSquared + (double) n * n;
    nanos = KEEP * nanos + elapsedNanos;
    product = KEEP * product + (double) n * elapsedNanos;
  }

  /**
   * The chance that a guessed token must have for one more row to pay in a step of {@code n} rows:
   * what that row costs, relative to what a row costs on average. Between 0 and 1.
   */
  public double breakEven(int n) {
    return breakEven(n, 0);
  }

  /** Likewise, where making the guess takes {@code guessNanos} besides. */
  public double breakEven(int n, double guessNanos) {
    double share = slopeShare();
    double time = 1 + share * (n - 1); // in units of a one-row step
    double guess = guessNanos == 0 ? 0 : guessNanos / one();
    return Math.min(1, (share + guess) * n / time);
  }

  /** Whether any step has been seen. */
  public boolean isKnown() {
    return weight > 0;
  }

  /** What a step of {@code n} rows takes; 0 while unknown. */
  public double nanos(int n) {
    return isKnown() ? one() * (1 + slopeShare() * (n - 1)) : 0;
  }

  /** What a step of one row takes. */
  private double one() {
    double mean = nanos / weight;
    return mean / (1 + slopeShare() * (rows / weight - 1));
  }

  /** Cost of one more row, relative to a step of one row; between 0 and 1. */
  private double slopeShare() {
    if (weight == 0) {
      return PRIOR_SHARE;
    }
    double meanRows = rows / weight;
    double meanNanos = nanos / weight;
    double variance = rowsSquared / weight - meanRows * meanRows;
    if (variance < TOO_EQUAL * meanRows * meanRows) {
      return PRIOR_SHARE;
    }
    double slope = (product / weight - meanRows * meanNanos) / variance;
    double one = meanNanos - slope * (meanRows - 1);
    return one <= 0 ? 1 : Math.clamp(slope / one, 0, 1);
  }
}
