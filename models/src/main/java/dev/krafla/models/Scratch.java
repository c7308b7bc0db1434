package dev.krafla.models;

import dev.krafla.kernels.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The activations of a step, allocated once for the longest one. All tensors have {@code
 * maxBatchRows} rows; contents are the running step's.
 *
 * @param x residual stream, hidden size wide
 * @param normed normalised residual stream, hidden size wide
 * @param qkv queries, keys and values of a token side by side
 * @param mixed attention's output, all heads side by side
 * @param delta what a block adds to the residual stream, hidden size wide
 * @param gateUp gate and up projections side by side
 * @param gated their product, feed-forward size wide
 */
record Scratch(
    Tensor x, Tensor normed, Tensor qkv, Tensor mixed, Tensor delta, Tensor gateUp, Tensor gated) {

  /** Bytes of all activations of one token. */
  static long bytesPerRow(ModelConfig c) {
    long floats = 3L * c.hiddenSize() + c.qkvWidth() + c.queryWidth() + 3L * c.ffnSize();
    return floats * Float.BYTES;
  }

  static Scratch allocate(Arena arena, ModelConfig c, int rows) {
    return new Scratch(
        Tensor.allocate(arena, rows, c.hiddenSize()),
        Tensor.allocate(arena, rows, c.hiddenSize()),
        Tensor.allocate(arena, rows, c.qkvWidth()),
        Tensor.allocate(arena, rows, c.queryWidth()),
        Tensor.allocate(arena, rows, c.hiddenSize()),
        Tensor.allocate(arena, rows, 2 * c.ffnSize()),
        Tensor.allocate(arena, rows, c.ffnSize()));
  }

  /**
   * Moves the rows whose logits are wanted to the front of {@code x} and {@code mixed}, and returns
   * how many they are. Called in the last layer once keys and values are cached: nobody will look
   * at the other rows again.
   */
  int keepWanted(Batch batch) {
    for (int i = 0; i < batch.logitCount(); i++) {
      moveRow(x, batch.logitRows()[i], i);
      moveRow(mixed, batch.logitRows()[i], i);
    }
    return batch.logitCount();
  }

  /** {@code from >= to}, as wanted rows ascend: no row is overwritten before it has moved. */
  private static void moveRow(Tensor t, int from, int to) {
    if (from != to) {
      long bytes = (long) t.cols() * Float.BYTES;
      MemorySegment.copy(t.data(), from * bytes, t.data(), to * bytes, bytes);
    }
  }

  /** The longest context of any sequence in {@code batch}. */
  static int longestContext(Batch batch) {
    int longest = 0;
    for (int s = 0; s < batch.layout().sequences(); s++) {
      longest = Math.max(longest, batch.layout().contextLength(s));
    }
    return longest;
  }
}
