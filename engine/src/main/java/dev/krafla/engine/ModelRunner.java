package dev.krafla.engine;

import dev.krafla.engine.SequenceBlocks.BlockCopy;
import dev.krafla.engine.cache.BlockTable;
import dev.krafla.kernels.BatchLayout;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.Tensor;
import dev.krafla.models.Batch;
import dev.krafla.models.CausalLm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Turns steps into forward passes: owns the KV cache, the batch's arrays and the logits. Used by
 * the engine's thread; closing it frees the memory.
 */
final class ModelRunner implements BlockCopy, AutoCloseable {
  private final CausalLm lm;
  private final Arena arena;
  private final KvCache kv;
  private final BatchLayout layout;
  private final int[] tokens;
  private final int[] wantedRows;
  private int wanted;
  private Tensor logits;

  @SuppressWarnings("MustBeClosedChecker") // close() closes it
  ModelRunner(CausalLm lm, EngineLimits limits) {
    this.lm = lm;
    this.arena = Arena.ofShared();
    this.kv = new KvCache(lm.kvShape(), limits.kvType(), limits.numBlocks(), arena);
    this.layout =
        new BatchLayout(
            arena,
            limits.maxBatchTokens(),
            Math.max(limits.maxSequences(), 1),
            limits.maxBlocksPerSequence());
    this.tokens = new int[limits.maxBatchTokens()];
    this.wantedRows = new int[limits.maxBatchTokens()];
    this.logits = Tensor.allocate(arena, 1, lm.info().vocabSize());
  }

  /** Forgets the rows of the last pass. */
  void clear() {
    layout.clear();
    wanted = 0;
  }

  /** Rows added so far. */
  int rows() {
    return layout.rows();
  }

  int sequences() {
    return layout.sequences();
  }

  /** Adds {@code count} tokens from position {@code from} on, whose blocks {@code blocks} has. */
  void add(int[] source, int from, int count, BlockTable blocks) {
    System.arraycopy(source, from, tokens, layout.rows(), count);
    layout.addSequence(from, count, blocks.array(), blocks.size());
  }

  /** Adds {@code token} at {@code position}. */
  void add(int token, int position, BlockTable blocks) {
    tokens[layout.rows()] = token;
    layout.addSequence(position, 1, blocks.array(), blocks.size());
  }

  /** Like {@link #add(int[], int, int, BlockTable)}, and {@code draft[0 … numDraft)} after it. */
  void add(int[] source, int from, int count, int[] draft, int numDraft, BlockTable blocks) {
    System.arraycopy(source, from, tokens, layout.rows(), count);
    System.arraycopy(draft, 0, tokens, layout.rows() + count, numDraft);
    layout.addSequence(from, count + numDraft, blocks.array(), blocks.size());
  }

  /** Asks for the output of {@code row}; rows come in ascending order. Gives its output row. */
  int want(int row) {
    wantedRows[wanted] = row;
    return wanted++;
  }

  /** Computes the rows that were added; the wanted rows' logits are then in {@link #logits}. */
  void forward() {
    if (wanted > logits.rows()) {
      // Grown by doubling: a full house of a 262,144-token vocabulary takes 64 MiB.
      logits = Tensor.allocate(arena, Math.max(wanted, 2 * logits.rows()), logits.cols());
    }
    lm.forward(batch(), kv, logits);
  }

  /** Like {@link #forward}, but writes the wanted rows' hidden states to {@code out}. */
  void hidden(Tensor out) {
    lm.hidden(batch(), kv, out);
  }

  private Batch batch() {
    return new Batch(layout, tokens, wantedRows, wanted);
  }

  /** Logits of a wanted row: {@code float32[vocabSize]}. */
  MemorySegment logits(int outputRow) {
    long rowBytes = (long) logits.cols() * Float.BYTES;
    return logits.data().asSlice(outputRow * rowBytes, rowBytes);
  }

  Tensor allocate(int rows, int cols) {
    return Tensor.allocate(arena, rows, cols);
  }

  /** Bytes of one block over all layers. */
  long blockBytes() {
    return kv.blockStride();
  }

  /** Copies a block of all layers to {@code to}, the first layer first. */
  void copyBlock(int block, MemorySegment to) {
    to.copyFrom(kv.block(block));
  }

  /** The memory of a block, the first layer first. Callable from any thread. */
  ByteBuffer[] blockBuffers(int block) {
    return new ByteBuffer[] {kv.block(block).asByteBuffer()};
  }

  @Override
  public void copy(int from, int to) {
    kv.block(to).copyFrom(kv.block(from));
  }

  @Override
  public void close() {
    arena.close();
  }
}
