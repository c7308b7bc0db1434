package dev.krafla.kernels;

/**
 * How far a tier may round the activations of a matrix product with quantised weights. The formats
 * are activations.h's; {@code native-amx} has bfloat16 for both where it multiplies many rows.
 */
public enum ActivationPrecision {
  /** To 16 bits, with a scale per 32 columns. */
  FINE(1),

  /**
   * To 8 bits, but for the blocks of 32 columns with a row's largest values, a tenth, which have
   * 16. What it costs in agreement is in docs/CORRECTNESS.md, what it brings in
   * docs/PERFORMANCE.md.
   */
  MIXED(3);

  private final int code;

  ActivationPrecision(int code) {
    this.code = code;
  }

  /** The number that C knows it by. */
  int code() {
    return code;
  }
}
