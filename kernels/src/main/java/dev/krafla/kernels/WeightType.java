package dev.krafla.kernels;

import java.util.Optional;

/**
 * Element encodings of weight matrices. Block formats are ggml's (GGUF v3 specification and {@code
 * ggml-common.h}): a row is a run of blocks, each holding {@link #blockSize()} elements in {@link
 * #blockBytes()} bytes.
 */
public enum WeightType {
  F32(0, 1, 4),
  F16(1, 1, 2),
  BF16(30, 1, 2),
  Q4_0(2, 32, 18),
  Q4_1(3, 32, 20),
  Q5_0(6, 32, 22),
  Q5_1(7, 32, 24),
  Q8_0(8, 32, 34),
  Q2_K(10, 256, 84),
  Q3_K(11, 256, 110),
  Q4_K(12, 256, 144),
  Q5_K(13, 256, 176),
  Q6_K(14, 256, 210),
  MXFP4(39, 32, 17);

  private final int ggmlId;
  private final int blockSize;
  private final int blockBytes;

  WeightType(int ggmlId, int blockSize, int blockBytes) {
    this.ggmlId = ggmlId;
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
  }

  /** The type's number in GGUF tensor headers. */
  public int ggmlId() {
    return ggmlId;
  }

  /** The type that GGUF tensor headers call {@code id}; empty for one that is not read here. */
  public static Optional<WeightType> ofGgmlId(int id) {
    for (WeightType type : values()) {
      if (type.ggmlId == id) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** Elements in a block. */
  public int blockSize() {
    return blockSize;
  }

  /** Bytes of a block. */
  public int blockBytes() {
    return blockBytes;
  }

  /** Bytes of {@code elements} elements, which must be whole blocks. */
  public long bytes(long elements) {
    if (elements % blockSize != 0) {
      throw new IllegalArgumentException(
          "%s holds blocks of %d elements; %d is not a multiple"
              .formatted(this, blockSize, elements));
    }
    return elements / blockSize * blockBytes;
  }
}
