package dev.krafla.models;

import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;

/** Kernel tiers for tests. */
final class TestKernels {
  private TestKernels() {}

  /** The tier called {@code name}, over all cores. */
  static Kernels named(String name) {
    return KernelTiers.open(name, Runtime.getRuntime().availableProcessors());
  }

  /** The tier that defines what is right, on one thread: tiny models gain nothing from more. */
  static Kernels scalar() {
    return KernelTiers.open("scalar", 1);
  }
}
