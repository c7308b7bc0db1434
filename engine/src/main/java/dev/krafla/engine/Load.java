package dev.krafla.engine;

import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Brings blocks of one sequence from somewhere else, and before them, where they are wanted, the
 * logits at the end of its prompt. Runs on a thread of its own, writes to blocks that belong to
 * this sequence alone, and reports to the engine's thread: the logits as soon as it has them, and
 * its end once and always. Until then nobody frees the blocks.
 */
abstract sealed class Load implements Runnable permits StoreLoad, Pull {
  final Sequence sequence;

  /** First block to bring; all before it are in memory. */
  final int from;

  /** Blocks to bring. */
  final int count;

  /** Whether its request was waiting until now, and had lost nothing yet. */
  boolean isFirst;

  private final Mailbox mailbox;
  private final int[] blocks; // set when it starts
  private int sound; // blocks that came; the engine's thread sees it after the report

  private volatile boolean cancelled;

  Load(Sequence sequence, int from, int count, Mailbox mailbox) {
    this.sequence = sequence;
    this.from = from;
    this.count = count;
    this.mailbox = mailbox;
    this.blocks = new int[count];
  }

  /** Gets ready to run: the sequence has its blocks. */
  void prepare() {
    for (int i = 0; i < count; i++) {
      blocks[i] = sequence.blocks.get(from + i);
    }
  }

  @Override
  public final void run() {
    try {
      bring();
    } finally {
      mailbox.post(new Command.Loaded(this));
    }
  }

  /** Brings what it can, block by block, until it is cancelled. */
  abstract void bring();

  /** Number of the {@code i}-th block to bring. */
  final int block(int i) {
    return blocks[i];
  }

  /** The next block is there, and sound. */
  final void came() {
    sound++;
  }

  /** The logits are there, and the reader's to keep. */
  final void logitsCame(MemorySegment logits) {
    mailbox.post(new Command.LogitsLoaded(this, logits));
  }

  /** What is left of a bad block may be no number; kernels multiply even unused places, by zero. */
  static void clear(ByteBuffer[] block) {
    for (ByteBuffer part : block) {
      MemorySegment.ofBuffer(part.duplicate().clear()).fill((byte) 0);
    }
  }

  /** Blocks that have come and are sound, from {@link #from} on; known when it has ended. */
  final int sound() {
    return sound;
  }

  /** Tokens of the sequence, from its first on, whose KV is in memory; known when it has ended. */
  int soundTokens() {
    return (from + sound) * BLOCK_TOKENS;
  }

  /** Tokens whose KV it has been expected to bring. */
  int expectedTokens() {
    return count * BLOCK_TOKENS;
  }

  /** Bytes that it has brought; known when it has ended. */
  abstract long bytes();

  /** Nobody waits for it any more: it ends soon. */
  final void cancel() {
    cancelled = true;
  }

  final boolean cancelled() {
    return cancelled;
  }
}
