package dev.krafla.serving.simulate;

/**
 * A fleet of equal workers.
 *
 * @param workers how many
 * @param cacheTokens tokens that the KV cache of each holds
 * @param contextLength most tokens of a request
 * @param caching whether they cache prefixes
 * @param cost of their steps
 */
public record FleetShape(
    int workers,
    int cacheTokens,
    int contextLength,
    int maxBatchTokens,
    int maxSequences,
    boolean caching,
    StepCost cost) {
  public FleetShape {
    if (workers < 1 || cacheTokens < 1 || contextLength < 1) {
      throw new IllegalArgumentException(
          "workers=%d cacheTokens=%d contextLength=%d; all must be 1 or more"
              .formatted(workers, cacheTokens, contextLength));
    }
  }

  /** This fleet with {@code n} workers. */
  public FleetShape withWorkers(int n) {
    return new FleetShape(
        n, cacheTokens, contextLength, maxBatchTokens, maxSequences, caching, cost);
  }
}
