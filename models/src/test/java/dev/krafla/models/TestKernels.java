package dev.krafla.models;

import dev.krafla.kernels.ComputePool;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.ScalarKernels;
import java.util.stream.IntStream;

/** Kernel tiers for tests. */
final class TestKernels {
  private TestKernels() {}

  /** The tier called {@code name}, over all cores. */
  static Kernels named(String name) {
    return switch (name) {
      case "scalar" -> new ScalarKernels(new CommonPool());
      default -> throw new IllegalArgumentException("kernel tier \"" + name + "\"; known: scalar");
    };
  }

  /** The tier that defines what is right. */
  static Kernels scalar() {
    return named("scalar");
  }

  /** Members run on the JDK's common pool: slow to start, which tests do not mind. */
  private static final class CommonPool implements ComputePool {
    private final int members = Runtime.getRuntime().availableProcessors();

    @Override
    public int size() {
      return members;
    }

    @Override
    public void run(Body body) {
      IntStream.range(0, members).parallel().forEach(m -> body.run(m, members));
    }

    @Override
    public void close() {}
  }
}
