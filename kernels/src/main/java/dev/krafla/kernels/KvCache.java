package dev.krafla.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory that holds every cached key and value, in blocks of {@link #BLOCK_TOKENS} tokens.
 * Which block belongs to whom is the engine's business; kernels see block numbers only.
 *
 * <p>The memory is {@code [block][layer][kvHead][K then V]}. All layers of a block lie together, so
 * that a block is one piece to copy, and memory that nobody has touched yet is taken from the
 * system a few blocks at a time: with a region for each layer, every layer met its next huge page
 * in the same step, which then took 120 ms longer (30 layers). Within one block and head, K is
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
  private final MemorySegment blocks;

  /** Allocates zeroed memory for {@code numBlocks} blocks that lives as long as {@code arena}. */
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
    this.blocks = LargeMemory.allocate(arena, blockBytes(shape, type) * numBlocks);
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

  /**
   * What one layer's kernels see: its part of block {@code b} begins at {@code b · blockStride()}.
   */
  public MemorySegment slab(int layer) {
    return blocks.asSlice(layer * layerBlockBytes(shape, type));
  }

  /** All layers of one block, the first layer first. */
  public MemorySegment block(int block) {
    return blocks.asSlice(block * blockStride(), blockStride());
  }

  /** Bytes from one block to the next. */
  public long blockStride() {
    return blockBytes(shape, type);
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
