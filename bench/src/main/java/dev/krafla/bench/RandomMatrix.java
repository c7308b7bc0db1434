package dev.krafla.bench;

import dev.krafla.kernels.RawMatrix;
import dev.krafla.kernels.Tensor;
import dev.krafla.kernels.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Weights and activations as models have them: random codes, scales of ordinary size. */
final class RandomMatrix {
  private RandomMatrix() {}

  /** Random codes; {@code type} is one of those whose blocks begin with their half-float scales. */
  static RawMatrix weights(Arena arena, WeightType type, int rows, int cols, Random random) {
    int scales =
        switch (type) {
          case Q4_0, Q5_0, Q8_0 -> 1;
          case Q4_1, Q5_1, Q4_K, Q5_K -> 2;
          case F32, F16, BF16, Q2_K, Q3_K, Q6_K, MXFP4 ->
              throw new IllegalArgumentException(
                  type + " is not benchmarked; take Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K or Q5_K");
        };
    byte[] codes = new byte[Math.toIntExact(type.bytes(cols) * rows)];
    random.nextBytes(codes);
    MemorySegment data = arena.allocate(codes.length, Tensor.ALIGNMENT);
    MemorySegment.copy(codes, 0, data, ValueLayout.JAVA_BYTE, 0, codes.length);
    for (long at = 0; at < codes.length; at += type.blockBytes()) {
      for (int i = 0; i < scales; i++) {
        short half = Float.floatToFloat16((float) random.nextGaussian() * 0.02f);
        data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2L * i, half);
      }
    }
    return new RawMatrix(type, rows, cols, data);
  }

  /** Standard normal values. */
  static Tensor activations(Arena arena, int rows, int cols, Random random) {
    Tensor x = Tensor.allocate(arena, rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        x.set(r, c, (float) random.nextGaussian());
      }
    }
    return x;
  }
}
