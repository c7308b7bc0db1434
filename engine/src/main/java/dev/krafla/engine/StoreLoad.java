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

/** A load from the stores below memory. */
final class StoreLoad extends Load {
  private final Context where;
  private final List<KvKey> keys; // of the blocks
  private final Optional<KvKey> logitsKey; // absent: not wanted

  /** Where it reads from and to, and whom it tells. */
  record Context(
      Tiers tiers,
      IntFunction<ByteBuffer[]> blockBytes,
      long bytesOfBlock,
      int logitsBytes,
      Mailbox mailbox) {}

  StoreLoad(
      Context where, Sequence sequence, int from, List<KvKey> keys, Optional<KvKey> logitsKey) {
    super(sequence, from, keys.size(), where.mailbox);
    this.where = where;
    this.keys = List.copyOf(keys);
    this.logitsKey = logitsKey;
  }

  @Override
  void bring() {
    if (logitsKey.isPresent() && !cancelled()) {
      readLogits(logitsKey.get());
    }
    for (int i = 0; i < count && !cancelled() && readBlock(i); i++) {
      came();
    }
  }

  private void readLogits(KvKey key) {
    MemorySegment logits = Arena.ofAuto().allocate(where.logitsBytes, Float.BYTES);
    if (where.tiers.read(key, Entry.Kind.LOGITS, new ByteBuffer[] {logits.asByteBuffer()})) {
      logitsCame(logits);
    }
  }

  private boolean readBlock(int i) {
    ByteBuffer[] bytes = where.blockBytes.apply(block(i));
    if (where.tiers.read(keys.get(i), Entry.Kind.BLOCK, bytes)) {
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
