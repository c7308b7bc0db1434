package dev.krafla.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Who the rows of one step belong to. Rows of a sequence are consecutive; sequence {@code s} owns
 * rows {@code queryStart(s) … queryStart(s+1)} and attends to its first {@code contextLength(s)}
 * tokens, which include those rows: the row's own position is the last it may see. Held off-heap as
 * int32 so that native kernels read it as it is.
 *
 * <p>Reused from step to step by the engine's thread: {@link #clear()}, then {@link #addSequence}
 * for each.
 */
public final class BatchLayout {
  private final int maxRows;
  private final int maxSequences;
  private final int maxBlocks;
  private final MemorySegment positions;
  private final MemorySegment slots;
  private final MemorySegment queryStart;
  private final MemorySegment contextLengths;
  private final MemorySegment blockTables;
  private int rows;
  private int sequences;
  private long version;

  /**
   * Room for {@code maxRows} tokens of {@code maxSequences} sequences of at most {@code maxBlocks}
   * blocks each.
   */
  public BatchLayout(Arena arena, int maxRows, int maxSequences, int maxBlocks) {
    this.maxRows = maxRows;
    this.maxSequences = maxSequences;
    this.maxBlocks = maxBlocks;
    this.positions = arena.allocate(ValueLayout.JAVA_INT, maxRows);
    this.slots = arena.allocate(ValueLayout.JAVA_INT, maxRows);
    this.queryStart = arena.allocate(ValueLayout.JAVA_INT, maxSequences + 1L);
    this.contextLengths = arena.allocate(ValueLayout.JAVA_INT, maxSequences);
    this.blockTables = arena.allocate(ValueLayout.JAVA_INT, (long) maxSequences * maxBlocks);
  }

  /** Forgets all sequences. */
  public void clear() {
    rows = 0;
    sequences = 0;
    version++;
  }

  /**
   * Adds {@code count} new tokens at positions {@code firstPosition …} of a sequence whose KV lives
   * in the first {@code numBlocks} entries of {@code blocks}. These blocks must cover position
   * {@code firstPosition + count - 1}.
   */
  public void addSequence(int firstPosition, int count, int[] blocks, int numBlocks) {
    assert count > 0 && rows + count <= maxRows : "rows";
    assert sequences < maxSequences : "sequences";
    assert numBlocks <= maxBlocks : "blocks";
    assert (firstPosition + count - 1) / KvCache.BLOCK_TOKENS < numBlocks
        : "blocks do not cover the rows";
    queryStart.setAtIndex(ValueLayout.JAVA_INT, sequences, rows);
    contextLengths.setAtIndex(ValueLayout.JAVA_INT, sequences, firstPosition + count);
    MemorySegment.copy(
        blocks,
        0,
        blockTables,
        ValueLayout.JAVA_INT,
        (long) sequences * maxBlocks * Integer.BYTES,
        numBlocks);
    for (int i = 0; i < count; i++) {
      int position = firstPosition + i;
      positions.setAtIndex(ValueLayout.JAVA_INT, rows, position);
      slots.setAtIndex(
          ValueLayout.JAVA_INT,
          rows,
          blocks[position / KvCache.BLOCK_TOKENS] * KvCache.BLOCK_TOKENS
              + position % KvCache.BLOCK_TOKENS);
      rows++;
    }
    sequences++;
    version++;
    queryStart.setAtIndex(ValueLayout.JAVA_INT, sequences, rows);
  }

  /** Token rows in the step. */
  public int rows() {
    return rows;
  }

  public int sequences() {
    return sequences;
  }

  /** Grows with every change, so that what was derived from the layout can be kept until then. */
  long version() {
    return version;
  }

  /** Entries from one sequence's block table to the next. */
  public int blockTableStride() {
    return maxBlocks;
  }

  public int queryStart(int sequence) {
    return queryStart.getAtIndex(ValueLayout.JAVA_INT, sequence);
  }

  /** Tokens that sequence {@code sequence} has after this step. */
  public int contextLength(int sequence) {
    return contextLengths.getAtIndex(ValueLayout.JAVA_INT, sequence);
  }

  public int block(int sequence, int index) {
    return blockTables.getAtIndex(ValueLayout.JAVA_INT, (long) sequence * maxBlocks + index);
  }

  public int position(int row) {
    return positions.getAtIndex(ValueLayout.JAVA_INT, row);
  }

  /** Where row {@code row}'s key and value go: block number × 16 + place in the block. */
  public int slot(int row) {
    return slots.getAtIndex(ValueLayout.JAVA_INT, row);
  }

  /** int32[rows]. */
  public MemorySegment positions() {
    return positions;
  }

  /** int32[rows]. */
  public MemorySegment slots() {
    return slots;
  }

  /** int32[sequences + 1]. */
  public MemorySegment queryStarts() {
    return queryStart;
  }

  /** int32[sequences]. */
  public MemorySegment contextLengths() {
    return contextLengths;
  }

  /** int32[sequences][blockTableStride]. */
  public MemorySegment blockTables() {
    return blockTables;
  }
}
