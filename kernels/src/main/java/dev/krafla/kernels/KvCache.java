package dev.krafla.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The slabs that hold every cached key and value, in blocks of {@link #BLOCK_TOKENS} tokens. Which
 * block belongs to whom is the engine's business; kernels see block numbers only.
 *
 * <p>A layer's slab is {@code [block][kvHead][K then V]}. Within one block and head, K is
 * transposed so that a dot product with 16 keys needs no horizontal sum, V is not:
 *
 * <pre>
 * F32, F16, BF16   K[headDim][16]  V[16][headDim]
 * Q8               K int8[headDim][16], K scales f32[headDim/32][16], V int8[16][headDim], V scales f32[16][headDim/32]
 * </pre>
 *
 * <p>Written by one step at a time; readers of the same step come after its writes.
 */
public final class KvCache {
  /** Another number for every other layout of a block: caches on disk depend on it. */
  public static final int LAYOUT_VERSION = 1;

  /** Tokens in a block. */
  public static final int BLOCK_TOKENS = 16;

  private final KvShape shape;
  private final KvType type;
  private final int numBlocks;
  private final MemorySegment[] slabs;

  /** Allocates zeroed slabs for {@code numBlocks} blocks that live as long as {@code arena}. */
  public KvCache(KvShape shape, KvType type, int numBlocks, Arena arena) {
    if (numBlocks <= 0) {
      throw new IllegalArgumentException("numBlocks=%d; must be positive".formatted(numBlocks));
    }
    if (type == KvType.Q8 && shape.headDim() % 32 != 0) {
      throw new IllegalArgumentException(
          "KV type Q8 needs a head size that is a multiple of 32; this model has %d; use F16"
              .formatted(shape.headDim()));
    }
    this.shape = shape;
    this.type = type;
    this.numBlocks = numBlocks;
    this.slabs = new MemorySegment[shape.layers()];
    for (int layer = 0; layer < slabs.length; layer++) {
      slabs[layer] = LargeMemory.allocate(arena, layerBlockBytes(shape, type) * numBlocks);
    }
  }

  /** Bytes that one block takes over all layers. */
  public static long blockBytes(KvShape shape, KvType type) {
    return shape.layers() * layerBlockBytes(shape, type);
  }

  private static long layerBlockBytes(KvShape shape, KvType type) {
    return shape.kvHeads() * headBytes(shape, type);
  }

  private static long headBytes(KvShape shape, KvType type) {
    long elements = (long) BLOCK_TOKENS * shape.headDim();
    long scales = type == KvType.Q8 ? elements / 32 * Float.BYTES : 0;
    return 2 * (elements * type.elementBytes() + scales);
  }

  public KvShape shape() {
    return shape;
  }

  public KvType type() {
    return type;
  }

  public int numBlocks() {
    return numBlocks;
  }

  /** The slab of one layer. */
  public MemorySegment slab(int layer) {
    return slabs[layer];
  }

  /** Bytes from one block to the next within a layer's slab. */
  public long blockStride() {
    return layerBlockBytes(shape, type);
  }

  /** Bytes from one head to the next within a block. */
  public long headStride() {
    return headBytes(shape, type);
  }

  /** Offset of V from the start of a head. */
  public long valueOffset() {
    return headStride() / 2;
  }
}
