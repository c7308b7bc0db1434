package dev.krafla.kernels;

import org.junit.jupiter.api.Nested;

class VectorKernelsTest {
  private static Kernels openTier(int threads) {
    return KernelTiers.open("vector", threads);
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

  @Nested
  class Matmul extends FloatMatmulContract {
    @Override
    Kernels open(int threads) {
      return openTier(threads);
    }
  }
}
