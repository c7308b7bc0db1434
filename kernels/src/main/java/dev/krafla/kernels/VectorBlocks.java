package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link BlockFormats} with the Vector API: 16 codes at a time from bytes to floats, the same bits
 * as the scalar decoders. Layouts are described there ({@link Blocks32}, {@link Blocks256}); types
 * that no common file uses go the scalar way.
 */
final class VectorBlocks {
  /** Float vectors: the machine's preferred width, at most the 16 lanes that one step decodes. */
  static final VectorSpecies<Float> F32 =
      FloatVector.SPECIES_PREFERRED.length() >= 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED.length() == 8
              ? FloatVector.SPECIES_256
              : FloatVector.SPECIES_128;

  private static final VectorSpecies<Byte> I8 = ByteVector.SPECIES_128;
  private static final int STEP = 16;

  private VectorBlocks() {}

  /** As {@link BlockFormats#dequantize}. */
  static void dequantize(
      WeightType type, MemorySegment data, long from, int elements, float[] out, int to) {
    long end = from + type.bytes(elements);
    int o = to;
    for (long at = from; at < end; at += type.blockBytes(), o += type.blockSize()) {
      switch (type) {
        case Q4_0 -> nibbles(data, at + 2, -8, Floats.half(data, at), 0, out, o);
        case Q4_1 ->
            nibbles(data, at + 4, 0, Floats.half(data, at), Floats.half(data, at + 2), out, o);
        case Q5_0 -> fiveBits(data, at + 6, at + 2, -16, Floats.half(data, at), 0, out, o);
        case Q5_1 ->
            fiveBits(
                data, at + 8, at + 4, 0, Floats.half(data, at), Floats.half(data, at + 2), out, o);
        case Q8_0 -> q8x0(data, at, out, o);
        case Q4_K -> q4k(data, at, out, o);
        case Q5_K -> q5k(data, at, out, o);
        case Q6_K -> q6k(data, at, out, o);
        case F32, F16, BF16, Q2_K, Q3_K, MXFP4 -> {
          BlockFormats.dequantize(type, data, from, elements, out, to);
          return;
        }
      }
    }
  }

  private static ByteVector load(MemorySegment data, long at) {
    return ByteVector.fromMemorySegment(I8, data, at, LITTLE_ENDIAN);
  }

  private static ByteVector field(ByteVector bytes, int shift, int mask) {
    return bytes.lanewise(VectorOperators.LSHR, shift).and((byte) mask);
  }

  /** {@code out[o … o + 15] = scale · codes + offset}. */
  private static void store(ByteVector codes, float scale, float offset, float[] out, int o) {
    for (int part = 0; part < STEP / F32.length(); part++) {
      FloatVector q = (FloatVector) codes.convertShape(VectorOperators.B2F, F32, part);
      q.mul(scale).add(offset).intoArray(out, o + part * F32.length());
    }
  }

  private static void nibbles(
      MemorySegment data, long qs, int bias, float d, float m, float[] out, int o) {
    ByteVector bytes = load(data, qs);
    store(bytes.and((byte) 15).add((byte) bias), d, m, out, o);
    store(field(bytes, 4, 15).add((byte) bias), d, m, out, o + STEP);
  }

  private static void fiveBits(
      MemorySegment data, long qs, long qh, int bias, float d, float m, float[] out, int o) {
    ByteVector bytes = load(data, qs);
    int high = data.get(Floats.I32, qh);
    ByteVector low = withFifthBit(bytes.and((byte) 15), high);
    ByteVector top = withFifthBit(field(bytes, 4, 15), high >>> STEP);
    store(low.add((byte) bias), d, m, out, o);
    store(top.add((byte) bias), d, m, out, o + STEP);
  }

  private static ByteVector withFifthBit(ByteVector codes, int bits) {
    return codes.lanewise(VectorOperators.OR, (byte) 16, VectorMask.fromLong(I8, bits & 0xffffL));
  }

  private static void q8x0(MemorySegment data, long at, float[] out, int o) {
    float d = Floats.half(data, at);
    store(load(data, at + 2), d, 0, out, o);
    store(load(data, at + 2 + STEP), d, 0, out, o + STEP);
  }

  private static void q4k(MemorySegment data, long at, float[] out, int o) {
    float d = Floats.half(data, at);
    float dmin = Floats.half(data, at + 2);
    for (int sub = 0; sub < 8; sub++) {
      float dl = d * Blocks256.scale6(data, at + 4, sub);
      float ml = dmin * Blocks256.min6(data, at + 4, sub);
      for (int i = 0; i < 32; i += STEP) {
        ByteVector bytes = load(data, at + 16 + 32L * (sub >> 1) + i);
        store(field(bytes, 4 * (sub & 1), 15), dl, -ml, out, o + 32 * sub + i);
      }
    }
  }

  private static void q5k(MemorySegment data, long at, float[] out, int o) {
    float d = Floats.half(data, at);
    float dmin = Floats.half(data, at + 2);
    for (int sub = 0; sub < 8; sub++) {
      float dl = d * Blocks256.scale6(data, at + 4, sub);
      float ml = dmin * Blocks256.min6(data, at + 4, sub);
      for (int i = 0; i < 32; i += STEP) {
        ByteVector low = field(load(data, at + 48 + 32L * (sub >> 1) + i), 4 * (sub & 1), 15);
        ByteVector high = field(load(data, at + 16 + i), sub, 1);
        store(low.or(high.lanewise(VectorOperators.LSHL, 4)), dl, -ml, out, o + 32 * sub + i);
      }
    }
  }

  private static void q6k(MemorySegment data, long at, float[] out, int o) {
    float d = Floats.half(data, at + 208);
    for (int sub = 0; sub < 16; sub++) {
      float dl = d * data.get(JAVA_BYTE, at + 192 + sub);
      ByteVector low = field(load(data, at + 64L * (sub >> 3) + 16L * (sub & 3)), sub & 4, 15);
      long qh = at + 128 + Blocks256.twoBitByte(sub);
      ByteVector high = field(load(data, qh), Blocks256.twoBitShift(sub), 3);
      ByteVector codes = low.or(high.lanewise(VectorOperators.LSHL, 4)).sub((byte) 32);
      store(codes, dl, 0, out, o + 16 * sub);
    }
  }
}
