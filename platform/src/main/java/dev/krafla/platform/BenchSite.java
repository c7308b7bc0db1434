package dev.krafla.platform;

import dev.krafla.platform.bench.Rung;
import dev.krafla.serving.replay.Endpoint;
import dev.krafla.serving.replay.MadeUpTokens;
import java.util.List;
import java.util.Map;

/** Where load is sent: workers of this process, or servers at URLs. */
interface BenchSite extends AutoCloseable {
  /**
   * The workers, with no savings but those of {@code rung}; the caller closes them.
   *
   * @param maxQueued most requests that may wait in each
   */
  List<Endpoint> open(Rung rung, int maxQueued);

  /** Token ids that every worker takes, from {@code seed}. */
  MadeUpTokens tokens(long seed);

  /** What one needs to know of it to compare figures. */
  Map<String, Object> describe();

  @Override
  void close();
}
