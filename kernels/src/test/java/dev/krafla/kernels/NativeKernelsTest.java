package dev.krafla.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("tiers")
class NativeKernelsTest {
  private final KernelTiers.Tier tier;

  NativeKernelsTest(KernelTiers.Tier tier) {
    assumeTrue(tier.available(), () -> tier.name() + " cannot run here: " + tier.reason());
    this.tier = tier;
  }

  /** The native tiers for this architecture. */
  static Stream<KernelTiers.Tier> tiers() {
    return KernelTiers.survey().stream().filter(tier -> tier.name().startsWith("native-"));
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
