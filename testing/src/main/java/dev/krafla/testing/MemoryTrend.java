package dev.krafla.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * How much memory a process holds as it goes on working, sampled between rounds of it: all that is
 * not Java heap, and the objects that live. Heap that is committed but free is left out, because
 * the collector enlarges and shrinks it as it sees fit: resident memory alone steps by tens of MB
 * without anything being kept.
 */
public final class MemoryTrend {
  private final List<Long> samples = new ArrayList<>();

  /** Collects garbage and looks. */
  public void sample() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    long free = runtime.freeMemory() >> 10; // of what is committed
    long heap = runtime.totalMemory() >> 10;
    samples.add(ResidentMemory.nowKib().orElse(heap) - free);
  }

  /**
   * KiB by which the last third of the samples is above the first, their smallest each, once the
   * first {@code warm} are left out.
   */
  public long growthKib(int warm) {
    List<Long> rest = samples.subList(warm, samples.size());
    int third = Math.max(1, rest.size() / 3);
    long first = rest.stream().limit(third).min(Long::compare).orElseThrow();
    long last = rest.stream().skip(rest.size() - third).min(Long::compare).orElseThrow();
    return last - first;
  }

  @Override
  public String toString() {
    return samples.toString();
  }
}
