package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Formats of 256 elements a block, ggml's "k-quants" (ggml-common.h, {@code block_q2_K} … {@code
 * block_q6_K}). Sub-blocks of 16 or 32 elements have small integer scales (and minima), which
 * half-precision {@code d} (and {@code dmin}) scale in turn.
 *
 * <pre>
 * Q2_K   scales[16] (scale low, min high nibble), qs[64], d, dmin          16 sub-blocks of 16
 * Q3_K   hmask[32], qs[64], scales[12] (16 × 6 bit), d                     16 of 16
 * Q4_K   d, dmin, scales[12] (8 × 6 bit scale and min), qs[128]            8 of 32
 * Q5_K   d, dmin, scales[12], qh[32], qs[128]                              8 of 32
 * Q6_K   ql[128], qh[64], scales int8[16], d                               16 of 16
 * </pre>
 *
 * <p>Each method decodes the block at byte {@code at} to {@code out[to … to + 255]}.
 */
final class Blocks256 {
  private Blocks256() {}

  /** Two-bit fields: byte {@code 32h + j} holds elements {@code 128h + 32s + j}, shift 2s. */
  static void q2k(MemorySegment data, long at, float[] out, int to) {
    float d = Floats.half(data, at + 80);
    float dmin = Floats.half(data, at + 82);
    for (int sub = 0; sub < 16; sub++) {
      int scale = data.get(JAVA_BYTE, at + sub);
      float dl = d * (scale & 15);
      float ml = dmin * (scale >> 4 & 15);
      long qs = at + 16 + twoBitByte(sub);
      int shift = twoBitShift(sub);
      for (int i = 0; i < 16; i++) {
        int q = data.get(JAVA_BYTE, qs + i) >> shift & 3;
        out[to + 16 * sub + i] = dl * q - ml;
      }
    }
  }

  /** As Q2_K; a clear bit in {@code hmask} (bit e/32 of byte e%32 for element e) means −4. */
  static void q3k(MemorySegment data, long at, float[] out, int to) {
    float d = Floats.half(data, at + 108);
    for (int sub = 0; sub < 16; sub++) {
      float dl = d * (q3kScale(data, at + 96, sub) - 32);
      long qs = at + 32 + twoBitByte(sub);
      long hmask = at + 16L * (sub & 1);
      int shift = twoBitShift(sub);
      for (int i = 0; i < 16; i++) {
        int low = data.get(JAVA_BYTE, qs + i) >> shift & 3;
        int high = data.get(JAVA_BYTE, hmask + i) >> (sub >> 1) & 1;
        out[to + 16 * sub + i] = dl * (low - 4 * (1 - high));
      }
    }
  }

  static void q4k(MemorySegment data, long at, float[] out, int to) {
    float d = Floats.half(data, at);
    float dmin = Floats.half(data, at + 2);
    for (int sub = 0; sub < 8; sub++) {
      float dl = d * scale6(data, at + 4, sub);
      float ml = dmin * min6(data, at + 4, sub);
      long qs = at + 16 + 32L * (sub >> 1);
      int shift = 4 * (sub & 1);
      for (int i = 0; i < 32; i++) {
        int q = data.get(JAVA_BYTE, qs + i) >> shift & 15;
        out[to + 32 * sub + i] = dl * q - ml;
      }
    }
  }

  /** As Q4_K; the fifth bit of element e is bit e/32 of {@code qh[e % 32]}. */
  static void q5k(MemorySegment data, long at, float[] out, int to) {
    float d = Floats.half(data, at);
    float dmin = Floats.half(data, at + 2);
    for (int sub = 0; sub < 8; sub++) {
      float dl = d * scale6(data, at + 4, sub);
      float ml = dmin * min6(data, at + 4, sub);
      long qs = at + 48 + 32L * (sub >> 1);
      int shift = 4 * (sub & 1);
      for (int i = 0; i < 32; i++) {
        int high = data.get(JAVA_BYTE, at + 16 + i) >> sub & 1;
        int low = data.get(JAVA_BYTE, qs + i) >> shift & 15;
        out[to + 32 * sub + i] = dl * (low | high << 4) - ml;
      }
    }
  }

  /** Each half of 128 elements: nibbles of 64 bytes low then high, two-bit tops as in Q2_K. */
  static void q6k(MemorySegment data, long at, float[] out, int to) {
    float d = Floats.half(data, at + 208);
    for (int sub = 0; sub < 16; sub++) {
      float dl = d * data.get(JAVA_BYTE, at + 192 + sub);
      long ql = at + 64L * (sub >> 3) + 16L * (sub & 3);
      long qh = at + 128 + twoBitByte(sub);
      int lowShift = sub & 4;
      int highShift = twoBitShift(sub);
      for (int i = 0; i < 16; i++) {
        int low = data.get(JAVA_BYTE, ql + i) >> lowShift & 15;
        int high = data.get(JAVA_BYTE, qh + i) >> highShift & 3;
        out[to + 16 * sub + i] = dl * ((low | high << 4) - 32);
      }
    }
  }

  /** First byte of the two-bit fields of 16-element sub-block {@code sub}. */
  static int twoBitByte(int sub) {
    return 32 * (sub >> 3) + 16 * (sub & 1);
  }

  static int twoBitShift(int sub) {
    return sub & 6;
  }

  /** Six-bit scale {@code sub} of 16: low nibbles in bytes 0–7, top pairs in bytes 8–11. */
  private static int q3kScale(MemorySegment data, long scales, int sub) {
    int low = data.get(JAVA_BYTE, scales + (sub & 7)) >> (4 * (sub >> 3)) & 15;
    int high = data.get(JAVA_BYTE, scales + 8 + (sub & 3)) >> (2 * (sub >> 2)) & 3;
    return low | high << 4;
  }

  /**
   * Six-bit scale {@code sub} of 8: the first four in bytes 0–3, of the others the low nibble in
   * bytes 8–11 and the top pair in the spare bits of bytes 0–3.
   */
  static int scale6(MemorySegment data, long scales, int sub) {
    if (sub < 4) {
      return data.get(JAVA_BYTE, scales + sub) & 63;
    }
    int low = data.get(JAVA_BYTE, scales + sub + 4) & 15;
    return low | (data.get(JAVA_BYTE, scales + sub - 4) >> 2 & 0x30);
  }

  /** Six-bit minimum {@code sub} of 8: as {@link #scale6}, in bytes 4–7 and high nibbles. */
  static int min6(MemorySegment data, long scales, int sub) {
    if (sub < 4) {
      return data.get(JAVA_BYTE, scales + sub + 4) & 63;
    }
    int low = data.get(JAVA_BYTE, scales + sub + 4) >> 4 & 15;
    return low | (data.get(JAVA_BYTE, scales + sub) >> 2 & 0x30);
  }
}
