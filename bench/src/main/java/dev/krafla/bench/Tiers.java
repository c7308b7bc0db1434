package dev.krafla.bench;

import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;

/** Kernel tiers by the names that benchmarks use. */
final class Tiers {
  private Tiers() {}

  /**
   * Opens {@code scalar}, {@code vector}, {@code native} (the fastest native tier) or any tier by
   * its full name.
   *
   * @throws IllegalArgumentException if it cannot run here
   */
  static Kernels open(String name, int threads) {
    return KernelTiers.open(name.equals("native") ? fastestNative() : name, threads);
  }

  private static String fastestNative() {
    return KernelTiers.survey().stream()
        .filter(tier -> tier.name().startsWith("native-") && tier.available())
        .map(KernelTiers.Tier::name)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no native tier can run here: "
                    + KernelTiers.survey()
                    + "; leave it out by -p tier=scalar,vector"));
  }
}
