package dev.krafla.engine;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.tier.Entry;
import dev.krafla.engine.tier.Tiers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A load from the stores below memory. Once it has taken as long as computing all of it was
 * expected to take, it reads no more: a store that has become slow costs its request no more than
 * that.
 */
final class StoreLoad extends Load {
  private final Context where;
  private final List<KvKey> keys; // of the blocks
  private final Optional<KvKey> logitsKey; // absent: not wanted
  private final long patienceNanos; // how long it may take

  /** Where it reads from and to, and whom it tells. */
  record Context(
      Tiers tiers,
      IntFunction<ByteBuffer[]> blockBytes,
      long bytesOfBlock,
      int logitsBytes,
      Mailbox mailbox) {}

  StoreLoad(
      Context where,
      Sequence sequence,
      int from,
      List<KvKey> keys,
      Optional<KvKey> logitsKey,
      long patienceNanos) {
    super(sequence, from, keys.size(), where.mailbox);
    this.where = where;
    this.keys = List.copyOf(keys);
    this.logitsKey = logitsKey;
    this.patienceNanos = patienceNanos;
  }

  @Override
  void bring() {
    long started = System.nanoTime();
    if (logitsKey.isPresent() && !cancelled()) {
      readLogits(logitsKey.get(), left(started));
    }
    long left = left(started);
    for (int i = 0; i < count && !cancelled() && left > 0 && readBlock(i, left); i++) {
      came();
      left = left(started);
    }
  }

  /** Nanoseconds of patience that are left. */
  private long left(long started) {
    return patienceNanos - (System.nanoTime() - started);
  }

  private void readLogits(KvKey key, long limitNanos) {
    MemorySegment logits = Arena.ofAuto().allocate(where.logitsBytes, Float.BYTES);
    ByteBuffer[] into = {logits.asByteBuffer()};
    if (where.tiers.read(key, Entry.Kind.LOGITS, into, limitNanos)) {
      logitsCame(logits);
    }
  }

  private boolean readBlock(int i, long limitNanos) {
    ByteBuffer[] bytes = where.blockBytes.apply(block(i));
    if (where.tiers.read(keys.get(i), Entry.Kind.BLOCK, bytes, limitNanos)) {
      return true;
    }
    clear(bytes);
    return false;
  }

  @Override
  long bytes() {
    return sound() * where.bytesOfBlock;
  }
}
