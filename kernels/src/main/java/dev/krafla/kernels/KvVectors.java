package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Stores and loads one token's key or value of one head in a {@link KvCache}, element by element:
 * the meaning of its layouts in code. Stateless; distinct slots may be written by several threads
 * at once.
 */
final class KvVectors {
  /** Elements that share a scale in {@link KvType#Q8}. */
  static final int Q8_GROUP = 32;

  private static final float HALF_MAX = 65504;

  private static final int TOKENS = KvCache.BLOCK_TOKENS;

  private KvVectors() {}

  /** Stores {@code headDim} floats from byte {@code from} of {@code source} as a key. */
  static void writeKey(KvCache kv, int layer, int slot, int head, MemorySegment source, long from) {
    write(kv, layer, slot, head, true, source, from);
  }

  /** Stores {@code headDim} floats from byte {@code from} of {@code source} as a value. */
  static void writeValue(
      KvCache kv, int layer, int slot, int head, MemorySegment source, long from) {
    write(kv, layer, slot, head, false, source, from);
  }

  private static void write(
      KvCache kv, int layer, int slot, int head, boolean key, MemorySegment source, long from) {
    int dim = kv.shape().headDim();
    int token = slot % TOKENS;
    long base = base(kv, slot, head, key);
    MemorySegment slab = kv.slab(layer);
    switch (kv.type()) {
      case F32 -> {
        for (int d = 0; d < dim; d++) {
          float x = source.get(Floats.F32, from + 4L * d);
          slab.set(Floats.F32, base + 4L * index(key, dim, token, d), x);
        }
      }
      case F16 -> {
        for (int d = 0; d < dim; d++) {
          float x = source.get(Floats.F32, from + 4L * d);
          slab.set(Floats.I16, base + 2L * index(key, dim, token, d), saturatedHalf(x));
        }
      }
      case BF16 -> {
        for (int d = 0; d < dim; d++) {
          float x = source.get(Floats.F32, from + 4L * d);
          slab.set(Floats.I16, base + 2L * index(key, dim, token, d), Floats.floatToBf16(x));
        }
      }
      case Q8 -> {
        for (int d = 0; d < dim; d += Q8_GROUP) {
          writeGroup(slab, base, key, dim, token, d, source, from);
        }
      }
    }
  }

  /** The nearest half, at most the largest finite one: an infinity would poison whole rows. */
  private static short saturatedHalf(float x) {
    return Float.floatToFloat16(Math.max(-HALF_MAX, Math.min(HALF_MAX, x)));
  }

  /** Scale = max|x| / 127; bytes are x / scale, rounded half to even. */
  private static void writeGroup(
      MemorySegment slab,
      long base,
      boolean key,
      int dim,
      int token,
      int first,
      MemorySegment source,
      long from) {
    float max = 0;
    for (int d = first; d < first + Q8_GROUP; d++) {
      max = Math.max(max, Math.abs(source.get(Floats.F32, from + 4L * d)));
    }
    float inverse = max > 0x1p-119f ? 127 / max : 0; // no infinity from tiny groups
    for (int d = first; d < first + Q8_GROUP; d++) {
      float x = source.get(Floats.F32, from + 4L * d);
      slab.set(JAVA_BYTE, base + index(key, dim, token, d), (byte) Math.rint(x * inverse));
    }
    slab.set(Floats.F32, scaleAt(base, key, dim, token, first), max / 127);
  }

  /** Loads a key into the first {@code headDim} elements of {@code out}. */
  static void readKey(KvCache kv, int layer, int slot, int head, float[] out) {
    read(kv, layer, slot, head, true, out);
  }

  /** Loads a value into the first {@code headDim} elements of {@code out}. */
  static void readValue(KvCache kv, int layer, int slot, int head, float[] out) {
    read(kv, layer, slot, head, false, out);
  }

  private static void read(KvCache kv, int layer, int slot, int head, boolean key, float[] out) {
    int dim = kv.shape().headDim();
    int token = slot % TOKENS;
    long base = base(kv, slot, head, key);
    MemorySegment slab = kv.slab(layer);
    switch (kv.type()) {
      case F32 -> {
        for (int d = 0; d < dim; d++) {
          out[d] = slab.get(Floats.F32, base + 4L * index(key, dim, token, d));
        }
      }
      case F16 -> {
        for (int d = 0; d < dim; d++) {
          out[d] = Floats.half(slab, base + 2L * index(key, dim, token, d));
        }
      }
      case BF16 -> {
        for (int d = 0; d < dim; d++) {
          out[d] = Floats.bf16ToFloat(slab.get(Floats.I16, base + 2L * index(key, dim, token, d)));
        }
      }
      case Q8 -> {
        for (int d = 0; d < dim; d++) {
          float scale = slab.get(Floats.F32, scaleAt(base, key, dim, token, d));
          out[d] = scale * slab.get(JAVA_BYTE, base + index(key, dim, token, d));
        }
      }
    }
  }

  private static long base(KvCache kv, int slot, int head, boolean key) {
    long block = slot / TOKENS * kv.blockStride() + head * kv.headStride();
    return key ? block : block + kv.valueOffset();
  }

  /** K is {@code [headDim][16]}, V {@code [16][headDim]}. */
  private static int index(boolean key, int dim, int token, int d) {
    return key ? d * TOKENS + token : token * dim + d;
  }

  private static long scaleAt(long base, boolean key, int dim, int token, int d) {
    int groups = dim / Q8_GROUP;
    int index = index(key, groups, token, d / Q8_GROUP);
    return base + (long) dim * TOKENS + (long) index * Float.BYTES;
  }
}
