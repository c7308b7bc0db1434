package dev.krafla.kernels;

class ScalarAttentionTest extends AttentionContract {
  @Override
  Kernels open(int threads) {
    return new ScalarKernels(new SpinPool(threads));
  }
}
