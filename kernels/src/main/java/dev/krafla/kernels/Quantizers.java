package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Stores float32 rows as weights, bit for bit as ggml's reference quantisers do. Stateless; safe to
 * share between threads.
 */
public final class Quantizers {
  private static final int BLOCK = 32;

  private Quantizers() {}

  /** Whether {@link #quantize} can write {@code type}. */
  public static boolean supports(WeightType type) {
    return switch (type) {
      case F32, F16, BF16, Q4_0, Q8_0 -> true;
      case Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, MXFP4 -> false;
    };
  }

  /**
   * Writes the first {@code elements} of {@code values}, whole blocks of {@code type}, to {@code
   * out} from byte {@code at} on.
   *
   * @throws IllegalArgumentException if there is no quantiser for {@code type}
   */
  public static void quantize(
      WeightType type, float[] values, int elements, MemorySegment out, long at) {
    type.bytes(elements); // checks that these are whole blocks
    switch (type) {
      case F32 -> MemorySegment.copy(values, 0, out, Floats.F32, at, elements);
      case F16 -> {
        for (int i = 0; i < elements; i++) {
          out.set(Floats.I16, at + 2L * i, Float.floatToFloat16(values[i]));
        }
      }
      case BF16 -> {
        for (int i = 0; i < elements; i++) {
          out.set(Floats.I16, at + 2L * i, Floats.floatToBf16(values[i]));
        }
      }
      case Q4_0 -> {
        for (int i = 0; i < elements; i += BLOCK) {
          q4x0(values, i, out, at + (long) i / BLOCK * type.blockBytes());
        }
      }
      case Q8_0 -> {
        for (int i = 0; i < elements; i += BLOCK) {
          q8x0(values, i, out, at + (long) i / BLOCK * type.blockBytes());
        }
      }
      case Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, MXFP4 ->
          throw new IllegalArgumentException(
              "cannot quantise to %s; choose one of F32, F16, BF16, Q4_0, Q8_0".formatted(type));
    }
  }

  /** The element of largest magnitude becomes −8, so that both ends of the range are used. */
  private static void q4x0(float[] x, int from, MemorySegment out, long at) {
    float extreme = 0;
    for (int i = 0; i < BLOCK; i++) {
      if (Math.abs(x[from + i]) > Math.abs(extreme)) {
        extreme = x[from + i];
      }
    }
    float d = extreme / -8;
    float inverse = d == 0 ? 0 : 1 / d;
    out.set(Floats.I16, at, Float.floatToFloat16(d));
    for (int i = 0; i < BLOCK / 2; i++) {
      int low = Math.min(15, (int) (x[from + i] * inverse + 8.5f));
      int high = Math.min(15, (int) (x[from + i + BLOCK / 2] * inverse + 8.5f));
      out.set(JAVA_BYTE, at + 2 + i, (byte) (low | high << 4));
    }
  }

  private static void q8x0(float[] x, int from, MemorySegment out, long at) {
    float max = 0;
    for (int i = 0; i < BLOCK; i++) {
      max = Math.max(max, Math.abs(x[from + i]));
    }
    float d = max / 127;
    float inverse = d == 0 ? 0 : 1 / d;
    out.set(Floats.I16, at, Float.floatToFloat16(d));
    for (int i = 0; i < BLOCK; i++) {
      out.set(JAVA_BYTE, at + 2 + i, (byte) roundAwayFromZero(x[from + i] * inverse));
    }
  }

  /** C's {@code roundf}: to the nearest integer, halves away from zero. */
  private static int roundAwayFromZero(float value) {
    // Exact: |value| ≤ 127, so adding a half in double cannot round up to the next integer.
    return (int) (value + Math.copySign(0.5, value));
  }
}
