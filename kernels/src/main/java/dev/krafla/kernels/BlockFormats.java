package dev.krafla.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Reads stored weights as float32, bit for bit as ggml's reference does. Stateless; safe to share
 * between threads.
 */
public final class BlockFormats {
  private BlockFormats() {}

  /** Writes row {@code row} of {@code m} to the first {@code m.cols()} elements of {@code out}. */
  public static void dequantizeRow(RawMatrix m, int row, float[] out) {
    dequantize(m.type(), m.data(), row * m.rowBytes(), m.cols(), out, 0);
  }

  /**
   * Writes {@code elements} elements, whole blocks of {@code type} that start at byte {@code from}
   * of {@code data}, to {@code out} from index {@code to} on.
   */
  public static void dequantize(
      WeightType type, MemorySegment data, long from, int elements, float[] out, int to) {
    long end = from + type.bytes(elements);
    int o = to;
    for (long at = from; at < end; at += type.blockBytes(), o += type.blockSize()) {
      switch (type) {
        case F32, F16, BF16 -> {
          Floats.decode(type, data, at, elements, out, o);
          return; // blocks of one element: the whole run at once
        }
        case Q4_0 -> Blocks32.q4x0(data, at, out, o);
        case Q4_1 -> Blocks32.q4x1(data, at, out, o);
        case Q5_0 -> Blocks32.q5x0(data, at, out, o);
        case Q5_1 -> Blocks32.q5x1(data, at, out, o);
        case Q8_0 -> Blocks32.q8x0(data, at, out, o);
        case MXFP4 -> Blocks32.mxfp4(data, at, out, o);
        case Q2_K -> Blocks256.q2k(data, at, out, o);
        case Q3_K -> Blocks256.q3k(data, at, out, o);
        case Q4_K -> Blocks256.q4k(data, at, out, o);
        case Q5_K -> Blocks256.q5k(data, at, out, o);
        case Q6_K -> Blocks256.q6k(data, at, out, o);
      }
    }
  }
}
