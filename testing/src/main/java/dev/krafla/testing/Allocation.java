package dev.krafla.testing;

import java.lang.management.ManagementFactory;

/** Measures the heap memory that a call asks for, whether or not it keeps it. */
public final class Allocation {
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocation() {}

  /** Bytes that the calling thread allocates in {@code call}; that of other threads is not seen. */
  public static long bytes(Runnable call) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    call.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
