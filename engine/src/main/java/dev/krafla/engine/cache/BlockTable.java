package dev.krafla.engine.cache;

import java.util.Arrays;

/**
 * The blocks that hold one sequence's keys and values, in order of position. Grows at the end only;
 * kernels read the array as it is.
 */
public final class BlockTable {
  private int[] blocks = new int[8];
  private int size;

  public int size() {
    return size;
  }

  /** The {@code index}-th block. */
  public int get(int index) {
    assert index < size : "block " + index + " of " + size;
    return blocks[index];
  }

  /** Block numbers, {@link #size()} in use; valid until the table grows. */
  public int[] array() {
    return blocks;
  }

  void append(int block) {
    if (size == blocks.length) {
      blocks = Arrays.copyOf(blocks, 2 * size);
    }
    blocks[size++] = block;
  }

  int removeLast() {
    return blocks[--size];
  }
}
