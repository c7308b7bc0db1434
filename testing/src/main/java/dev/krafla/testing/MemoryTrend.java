package dev.krafla.testing;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * How much memory a process holds as it goes on working, sampled between rounds of it: all that is
 * not Java heap, and the objects that live. Heap that is committed but free is left out, because
 * the collector enlarges and shrinks it as it sees fit; and so is what the C library keeps after it
 * was freed: the compiler's arenas alone peak at 240 MB. Resident memory steps by such amounts
 * without anything being kept.
 */
public final class MemoryTrend {
  private final List<Long> samples = new ArrayList<>();

  /** Collects garbage, lets the C library give back what is free, and looks. */
  public void sample() {
    System.gc();
    trimNativeHeap();
    Runtime runtime = Runtime.getRuntime();
    long free = runtime.freeMemory() >> 10; // of what is committed
    long heap = runtime.totalMemory() >> 10;
    samples.add(ResidentMemory.nowKib().orElse(heap) - free);
  }

  /** {@code jcmd System.trim_native_heap}; does nothing where the C library is not glibc. */
  private static void trimNativeHeap() {
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "systemTrimNativeHeap",
              new Object[] {new String[0]},
              new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new IllegalStateException("cannot trim the native heap", e);
    }
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
