package dev.krafla.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Nested;

class NativeKernelsTest {
  private static Kernels openTier(int threads) {
    KernelTiers.Tier tier = KernelTiers.survey().getFirst();
    assumeTrue(tier.available(), () -> tier.name() + " cannot run here: " + tier.reason());
    return KernelTiers.open(tier.name(), threads);
  }

  @Nested
  class Attention extends AttentionContract {
    @Override
    Kernels open(int threads) {
      return openTier(threads);
    }
  }

  @Nested
  class RowOperations extends RowOperationsContract {
    @Override
    Kernels open(int threads) {
      return openTier(threads);
    }
  }
}
