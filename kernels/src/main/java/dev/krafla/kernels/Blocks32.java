package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Formats of 32 elements a block (ggml-common.h, {@code block_q4_0} … {@code block_q8_0}, {@code
 * block_mxfp4}). Scale {@code d} and minimum {@code m} are halves. Nibbles hold element {@code i}
 * low and element {@code i + 16} high; the fifth bit of element {@code i} is bit {@code i} of
 * {@code qh}.
 *
 * <pre>
 * Q4_0   d, qs[16]          d·(q − 8)       Q5_0   d, qh u32, qs[16]      d·(q − 16)
 * Q4_1   d, m, qs[16]       d·q + m         Q5_1   d, m, qh u32, qs[16]   d·q + m
 * Q8_0   d, int8[32]        d·q             MXFP4  e, qs[16]              2^(e−127)·e2m1(q)
 * </pre>
 *
 * <p>Each method decodes the block at byte {@code at} to {@code out[to … to + 31]}.
 */
final class Blocks32 {
  private static final int HALF = 16;

  /** Twice the values of the four-bit float e2m1 (OCP Microscaling Formats 1.0, table 5). */
  private static final float[] E2M1_DOUBLED = {
    0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12
  };

  private Blocks32() {}

  static void q4x0(MemorySegment data, long at, float[] out, int to) {
    float d = Floats.half(data, at);
    for (int i = 0; i < HALF; i++) {
      int q = data.get(JAVA_BYTE, at + 2 + i);
      out[to + i] = d * ((q & 15) - 8);
      out[to + i + HALF] = d * ((q >> 4 & 15) - 8);
    }
  }

  static void q4x1(MemorySegment data, long at, float[] out, int to) {
    float d = Floats.half(data, at);
    float m = Floats.half(data, at + 2);
    for (int i = 0; i < HALF; i++) {
      int q = data.get(JAVA_BYTE, at + 4 + i);
      out[to + i] = d * (q & 15) + m;
      out[to + i + HALF] = d * (q >> 4 & 15) + m;
    }
  }

  static void q5x0(MemorySegment data, long at, float[] out, int to) {
    float d = Floats.half(data, at);
    int high = data.get(Floats.I32, at + 2);
    for (int i = 0; i < HALF; i++) {
      int q = data.get(JAVA_BYTE, at + 6 + i);
      out[to + i] = d * (((q & 15) | fifth(high, i)) - 16);
      out[to + i + HALF] = d * (((q >> 4 & 15) | fifth(high, i + HALF)) - 16);
    }
  }

  static void q5x1(MemorySegment data, long at, float[] out, int to) {
    float d = Floats.half(data, at);
    float m = Floats.half(data, at + 2);
    int high = data.get(Floats.I32, at + 4);
    for (int i = 0; i < HALF; i++) {
      int q = data.get(JAVA_BYTE, at + 8 + i);
      out[to + i] = d * ((q & 15) | fifth(high, i)) + m;
      out[to + i + HALF] = d * ((q >> 4 & 15) | fifth(high, i + HALF)) + m;
    }
  }

  /** Bit {@code i} of {@code high}, at the place of a fifth bit. */
  private static int fifth(int high, int i) {
    return (high >>> i & 1) << 4;
  }

  static void q8x0(MemorySegment data, long at, float[] out, int to) {
    float d = Floats.half(data, at);
    for (int i = 0; i < 2 * HALF; i++) {
      out[to + i] = d * data.get(JAVA_BYTE, at + 2 + i);
    }
  }

  static void mxfp4(MemorySegment data, long at, float[] out, int to) {
    float d = halfOfPowerOfTwo(data.get(JAVA_BYTE, at) & 255);
    for (int i = 0; i < HALF; i++) {
      int q = data.get(JAVA_BYTE, at + 1 + i);
      out[to + i] = d * E2M1_DOUBLED[q & 15];
      out[to + i + HALF] = d * E2M1_DOUBLED[q >> 4 & 15];
    }
  }

  /** 2^(e − 128): the block scale 2^(e − 127), halved because the table's values are doubled. */
  private static float halfOfPowerOfTwo(int e) {
    return Float.intBitsToFloat(e < 2 ? 0x00200000 << e : (e - 1) << 23);
  }
}
