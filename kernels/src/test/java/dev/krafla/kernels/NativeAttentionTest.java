package dev.krafla.kernels;

class NativeAttentionTest extends AttentionContract {
  @Override
  Kernels open(int threads) {
    return NativeTestKernels.open(threads);
  }
}
