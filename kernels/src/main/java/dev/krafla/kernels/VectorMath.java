package dev.krafla.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of float vectors, as simd_math.h has them. Not the Vector API's own EXP: it gives other
 * bits compiled than interpreted, and so would break batch invariance.
 */
final class VectorMath {
  private VectorMath() {}

  /** e^x, relative error below 2e-7; 0 below −87, e^88 above 88; NaN stays NaN. */
  @SuppressWarnings("FloatingPointLiteralPrecision") // Cephes' constants (expf), as published
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(-87f).min(88f);
    // Adding and taking away 1.5·2²³ rounds to the nearest integer.
    FloatVector n = clamped.mul(1.44269504f).add(0x1.8p23f).sub(0x1.8p23f);
    FloatVector r = n.fma(vector(x, -0.693359375f), clamped);
    r = n.fma(vector(x, 2.12194440e-4f), r);
    FloatVector p = vector(x, 1.9875691500e-4f);
    p = p.fma(r, vector(x, 1.3981999507e-3f));
    p = p.fma(r, vector(x, 8.3334519073e-3f));
    p = p.fma(r, vector(x, 4.1665795894e-2f));
    p = p.fma(r, vector(x, 1.6666665459e-1f));
    p = p.fma(r, vector(x, 5.0000001201e-1f));
    p = r.mul(r).fma(p, r).add(1f);
    IntVector shift =
        ((IntVector) n.convert(VectorOperators.F2I, 0)).lanewise(VectorOperators.LSHL, 23);
    FloatVector e = p.viewAsIntegralLanes().reinterpretAsInts().add(shift).reinterpretAsFloats();
    return e.blend(0f, x.compare(VectorOperators.LT, -87f));
  }

  /** 1 / (1 + e^−x). */
  static FloatVector sigmoid(FloatVector x) {
    return vector(x, 1f).div(exp(x.neg()).add(1f));
  }

  /** cap · tanh(x / cap), absolute error below 5e-7 · cap. */
  static FloatVector softcap(FloatVector x, float cap) {
    return sigmoid(x.div(cap).mul(2f)).mul(2f).sub(1f).mul(cap);
  }

  private static FloatVector vector(FloatVector like, float value) {
    return FloatVector.broadcast(like.species(), value);
  }
}
