package dev.krafla.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.function.DoubleSupplier;

/** Weight matrices of random bytes, with scales of ordinary size where the format has floats. */
final class RandomWeights {
  private RandomWeights() {}

  static RawMatrix of(WeightType type, int rows, int cols, Random random, Arena arena) {
    byte[] bytes = new byte[Math.toIntExact(type.bytes(cols) * rows)];
    random.nextBytes(bytes);
    MemorySegment data = arena.allocate(bytes.length, 64);
    MemorySegment.copy(bytes, 0, data, ValueLayout.JAVA_BYTE, 0, bytes.length);
    for (long at = 0; at < bytes.length; at += type.blockBytes()) {
      setScales(type, data, at, () -> random.nextGaussian() * 0.02);
    }
    return new RawMatrix(type, rows, cols, data);
  }

  /** All codes {@code fill}; scale and minimum 1. */
  static RawMatrix filled(WeightType type, int rows, int cols, int fill, Arena arena) {
    MemorySegment data = arena.allocate(type.bytes(cols) * rows, 64).fill((byte) fill);
    for (long at = 0; at < data.byteSize(); at += type.blockBytes()) {
      setScales(type, data, at, () -> 1);
    }
    return new RawMatrix(type, rows, cols, data);
  }

  private static void setScales(
      WeightType type, MemorySegment data, long at, DoubleSupplier scale) {
    switch (type) {
      case F32 -> data.set(ValueLayout.JAVA_FLOAT, at, (float) scale.getAsDouble());
      case BF16 -> {
        int bits = Float.floatToIntBits((float) scale.getAsDouble());
        data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) (bits >> 16));
      }
      case F16, Q4_0, Q5_0, Q8_0 -> half(data, at, scale);
      case Q4_1, Q5_1, Q4_K, Q5_K -> {
        half(data, at, scale);
        half(data, at + 2, scale);
      }
      case Q2_K -> {
        half(data, at + 80, scale);
        half(data, at + 82, scale);
      }
      case Q3_K -> half(data, at + 108, scale);
      case Q6_K -> half(data, at + 208, scale);
      case MXFP4 ->
          data.set(ValueLayout.JAVA_BYTE, at, (byte) (127 + Math.getExponent(scale.getAsDouble())));
    }
  }

  private static void half(MemorySegment data, long at, DoubleSupplier scale) {
    short bits = Float.floatToFloat16((float) scale.getAsDouble());
    data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, bits);
  }
}
