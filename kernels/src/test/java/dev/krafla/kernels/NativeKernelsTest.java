package dev.krafla.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@ValueSource(strings = {"native-avx512", "native-avx2"})
class NativeKernelsTest {
  private final KernelTiers.Tier tier;

  NativeKernelsTest(String name) {
    tier = KernelTiers.named(name);
    assumeTrue(tier.available(), () -> name + " cannot run here: " + tier.reason());
  }

  @Nested
  class Attention extends AttentionContract {
    @Override
    Kernels open(int threads) {
      return KernelTiers.open(tier.name(), threads);
    }
  }

  @Nested
  class RowOperations extends RowOperationsContract {
    @Override
    Kernels open(int threads) {
      return KernelTiers.open(tier.name(), threads);
    }
  }
}
