package dev.krafla.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Activations: {@code rows × cols} float32, row-major, off-heap and 64-byte aligned. {@code rows}
 * is the capacity; operations take the number of rows in use. Contents are mutable and owned by one
 * thread at a time.
 */
public record Tensor(MemorySegment data, int rows, int cols) {
  /** Alignment of every tensor, in bytes: one cache line, one AVX-512 register. */
  public static final long ALIGNMENT = 64;

  public Tensor {
    if (data.byteSize() != (long) rows * cols * Float.BYTES) {
      throw new IllegalArgumentException(
          "tensor of %d × %d floats takes %d bytes; got %d"
              .formatted(rows, cols, (long) rows * cols * Float.BYTES, data.byteSize()));
    }
  }

  /** A zeroed tensor that lives as long as {@code arena}. */
  public static Tensor allocate(Arena arena, int rows, int cols) {
    return new Tensor(arena.allocate((long) rows * cols * Float.BYTES, ALIGNMENT), rows, cols);
  }

  /** A one-row tensor with a copy of {@code values}. */
  public static Tensor of(Arena arena, float... values) {
    Tensor t = allocate(arena, 1, values.length);
    MemorySegment.copy(values, 0, t.data, ValueLayout.JAVA_FLOAT, 0, values.length);
    return t;
  }

  /** Element at {@code row}, {@code col}. For tests and setup; hot loops read {@link #data()}. */
  public float get(int row, int col) {
    return data.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * cols + col);
  }

  /** Sets the element at {@code row}, {@code col}. */
  public void set(int row, int col, float value) {
    data.setAtIndex(ValueLayout.JAVA_FLOAT, (long) row * cols + col, value);
  }

  /** A view of rows {@code from} to {@code from + count}. */
  public Tensor slice(int from, int count) {
    long rowBytes = (long) cols * Float.BYTES;
    return new Tensor(data.asSlice(from * rowBytes, count * rowBytes), count, cols);
  }

  /** Copies row {@code row} into {@code target}, which has {@link #cols()} elements. */
  public void copyRow(int row, float[] target) {
    MemorySegment.copy(
        data, ValueLayout.JAVA_FLOAT, (long) row * cols * Float.BYTES, target, 0, cols);
  }
}
