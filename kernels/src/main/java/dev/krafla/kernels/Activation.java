package dev.krafla.kernels;

/** The function on the gate of a gated feed-forward layer. */
public enum Activation {
  /** x · sigmoid(x). */
  SILU,
  /** 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), as gemma uses it. */
  GELU_TANH
}
