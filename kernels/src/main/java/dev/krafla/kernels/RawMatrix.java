package dev.krafla.kernels;

import java.lang.foreign.MemorySegment;

/**
 * A weight matrix as its file stores it: {@code rows × cols}, row-major, each row whole blocks of
 * {@code type}, little-endian. {@code y = x · Wᵀ} maps {@code cols} inputs to {@code rows} outputs.
 */
public record RawMatrix(WeightType type, int rows, int cols, MemorySegment data) {
  public RawMatrix {
    if (rows <= 0 || cols <= 0) {
      throw new IllegalArgumentException(
          "matrix of %d × %d; both must be positive".formatted(rows, cols));
    }
    long needed = type.bytes(cols) * rows;
    if (data.byteSize() != needed) {
      throw new IllegalArgumentException(
          "%s matrix of %d × %d takes %d bytes; got %d"
              .formatted(type, rows, cols, needed, data.byteSize()));
    }
  }

  /** Bytes of one row. */
  public long rowBytes() {
    return type.bytes(cols);
  }

  /** Row {@code r} as stored. */
  public MemorySegment row(int r) {
    return data.asSlice(r * rowBytes(), rowBytes());
  }
}
