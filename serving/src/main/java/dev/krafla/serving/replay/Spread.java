package dev.krafla.serving.replay;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * How values are spread, in milliseconds; percentiles by nearest rank. All are 0 where there are no
 * values.
 */
public record Spread(double p50, double p90, double p99, double max, double mean) {
  /** The spread of {@code durations}. */
  public static Spread of(Collection<Duration> durations) {
    List<Double> sorted = durations.stream().map(d -> d.toNanos() / 1e6).sorted().toList();
    if (sorted.isEmpty()) {
      return new Spread(0, 0, 0, 0, 0);
    }
    double sum = sorted.stream().mapToDouble(Double::doubleValue).sum();
    return new Spread(
        rank(sorted, 0.5),
        rank(sorted, 0.9),
        rank(sorted, 0.99),
        sorted.getLast(),
        sum / sorted.size());
  }

  private static double rank(List<Double> sorted, double share) {
    return sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1));
  }
}
