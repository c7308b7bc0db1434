package dev.krafla.engine;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.tier.Entry;
import dev.krafla.engine.tier.Tiers;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Brings blocks of one sequence back from the stores, and before them, where they are wanted, the
 * logits at the end of its prompt. Runs on a thread of its own, writes to blocks that belong to
 * this sequence alone, and reports to the engine's thread: the logits as soon as it has them, and
 * its end once and always. Until then nobody frees the blocks.
 */
final class Load implements Runnable {
  final Sequence sequence;

  /** First block to read; all before it are in memory. */
  final int from;

  /** Blocks to read. */
  final int count;

  /** Whether its request was waiting until now, and had lost nothing yet. */
  boolean isFirst;

  private final List<KvKey> keys; // of the blocks
  private final Optional<KvKey> logitsKey; // absent: not wanted
  private int[] blocks = {}; // set when it starts
  private int sound; // blocks read; the engine's thread sees it after the report

  private volatile boolean cancelled;

  Load(Sequence sequence, int from, List<KvKey> keys, Optional<KvKey> logitsKey) {
    this.sequence = sequence;
    this.from = from;
    this.count = keys.size();
    this.keys = List.copyOf(keys);
    this.logitsKey = logitsKey;
  }

  /** Where it reads from and to, and whom it tells. */
  record Context(
      Tiers tiers, IntFunction<ByteBuffer[]> blockBytes, int logitsBytes, Mailbox mailbox) {}

  private Optional<Context> context = Optional.empty();

  /** Gets ready to run: the sequence has its blocks. */
  void prepare(Context where) {
    context = Optional.of(where);
    blocks = new int[count];
    for (int i = 0; i < count; i++) {
      blocks[i] = sequence.blocks.get(from + i);
    }
  }

  @Override
  public void run() {
    Context where = context.orElseThrow();
    try {
      if (logitsKey.isPresent() && !cancelled) {
        readLogits(where, logitsKey.get());
      }
      while (sound < count && !cancelled && readBlock(where, sound)) {
        sound++;
      }
    } finally {
      where.mailbox.post(new Command.Loaded(this));
    }
  }

  private void readLogits(Context where, KvKey key) {
    byte[] logits = new byte[where.logitsBytes];
    if (where.tiers.read(key, Entry.Kind.LOGITS, new ByteBuffer[] {ByteBuffer.wrap(logits)})) {
      where.mailbox.post(new Command.LogitsLoaded(this, MemorySegment.ofArray(logits)));
    }
  }

  private boolean readBlock(Context where, int i) {
    ByteBuffer[] bytes = where.blockBytes.apply(blocks[i]);
    if (where.tiers.read(keys.get(i), Entry.Kind.BLOCK, bytes)) {
      return true;
    }
    // What is left of a bad entry may be no number; kernels multiply even unused places, by zero.
    for (ByteBuffer part : bytes) {
      MemorySegment.ofBuffer(part).fill((byte) 0);
    }
    return false;
  }

  /** Blocks that were read and are sound, from {@link #from} on; known when it has ended. */
  int sound() {
    return sound;
  }

  /** Nobody waits for it any more: it ends soon. */
  void cancel() {
    cancelled = true;
  }
}
