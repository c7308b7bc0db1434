package dev.krafla.platform;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

/**
 * CPU time of the one engine of this process that computes on its own thread alone. It stands still
 * while others have the core, so that figures of a busy machine can be compared.
 */
final class EngineCpuClock {
  private static final String THREAD = "krafla-engine";

  private EngineCpuClock() {}

  /** CPU time of the engine's thread so far; the engine runs. */
  static Duration now() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long nanos =
        Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
            .filter(Objects::nonNull)
            .filter(thread -> thread.getThreadName().equals(THREAD))
            .mapToLong(ThreadInfo::getThreadId)
            .map(threads::getThreadCpuTime)
            .sum();
    return Duration.ofNanos(nanos);
  }
}
