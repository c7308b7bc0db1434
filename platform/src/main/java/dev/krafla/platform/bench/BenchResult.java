package dev.krafla.platform.bench;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * What all runs of one test came to.
 *
 * @param samples at least one
 * @param peakMemoryBytes most memory that the process had resident until the test's end, where the
 *     system tells
 */
public record BenchResult(BenchTest test, List<Sample> samples, OptionalLong peakMemoryBytes) {
  public BenchResult {
    samples = List.copyOf(samples);
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("no samples of " + test.name());
    }
  }

  /** The median over all runs; of an even number, the mean of the middle two. */
  public double tokensPerSecond() {
    double[] sorted = samples.stream().mapToDouble(Sample::tokensPerSecond).sorted().toArray();
    int upper = sorted.length / 2;
    return (sorted[(sorted.length - 1) / 2] + sorted[upper]) / 2;
  }

  /** The slowest run. */
  public double min() {
    return samples.stream().mapToDouble(Sample::tokensPerSecond).min().orElseThrow();
  }

  /** The fastest run. */
  public double max() {
    return samples.stream().mapToDouble(Sample::tokensPerSecond).max().orElseThrow();
  }

  /** The median time to first token; of an even number of runs, the upper one. */
  public Duration firstToken() {
    return samples.stream().map(Sample::firstToken).sorted().toList().get(samples.size() / 2);
  }
}
