package dev.krafla.kernels;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Little-endian float32, half and bfloat16 as files and caches store them, at any alignment. */
final class Floats {
  static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private Floats() {}

  /** The half-precision number at byte {@code at}. */
  static float half(MemorySegment data, long at) {
    return Float.float16ToFloat(data.get(I16, at));
  }

  /** The bfloat16 number whose bits are {@code bits}: the upper half of a float32. */
  static float bf16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to the nearest bfloat16, ties to even; a NaN stays one. */
  static short floatToBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40); // quiet, so that no payload rounds to infinity
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  /** Reads {@code n} consecutive elements of F32, F16 or BF16 from byte {@code from} on. */
  static void decode(WeightType type, MemorySegment data, long from, int n, float[] out, int to) {
    switch (type) {
      case F32 -> MemorySegment.copy(data, F32, from, out, to, n);
      case F16 -> {
        for (int i = 0; i < n; i++) {
          out[to + i] = half(data, from + 2L * i);
        }
      }
      case BF16 -> {
        for (int i = 0; i < n; i++) {
          out[to + i] = bf16ToFloat(data.get(I16, from + 2L * i));
        }
      }
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, MXFP4 ->
          throw new IllegalArgumentException(type + " is a block format, not plain floats");
    }
  }
}
