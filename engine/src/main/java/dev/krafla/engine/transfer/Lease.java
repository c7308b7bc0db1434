package dev.krafla.engine.transfer;

import dev.krafla.engine.cache.BlockTable;
import dev.krafla.engine.kvstore.KvKey;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * KV that is kept for another worker. It may be read by several at once; once it is closed, nobody
 * begins to read any more, and when the last reader has gone its blocks may be freed: {@code
 * onVacated} is told, once and never before. Thread-safe but for {@link #blocks}, which are the
 * engine's thread's to take and give.
 */
public final class Lease {
  /** Why a lease has ended. */
  public enum End {
    /** Who it was for has what it wanted. */
    ACKNOWLEDGED,
    /** Nobody came in time. */
    EXPIRED,
    /** Others needed the room. */
    REVOKED
  }

  private static final int CLOSED = 1 << 30;

  private final UUID id = UUID.randomUUID(); // 122 bits of a SecureRandom
  private final KvKey prompt;
  private final int tokens;
  private final BlockTable blocks;
  private final int[] numbers; // of the blocks, for other threads
  private final MemorySegment logits;
  private final long expiresNanos;
  private final Consumer<Lease> onVacated;
  private final AtomicInteger readers = new AtomicInteger(); // and CLOSED
  private final AtomicReference<Optional<End>> end = new AtomicReference<>(Optional.empty());

  /**
   * @param prompt stands for the prompt whose KV it is
   * @param tokens whose KV the blocks hold
   * @param blocks owned by the lease
   * @param logits at the prompt's end; not written while the lease lives
   * @param expiresNanos on the engine's clock
   * @param onVacated told when the blocks may be freed; called on any thread
   */
  public Lease(
      KvKey prompt,
      int tokens,
      BlockTable blocks,
      MemorySegment logits,
      long expiresNanos,
      Consumer<Lease> onVacated) {
    this.prompt = prompt;
    this.tokens = tokens;
    this.blocks = blocks;
    this.numbers = new int[blocks.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = blocks.get(i);
    }
    this.logits = logits;
    this.expiresNanos = expiresNanos;
    this.onVacated = onVacated;
  }

  public UUID id() {
    return id;
  }

  KvKey prompt() {
    return prompt;
  }

  int tokens() {
    return tokens;
  }

  /** Blocks that hold its tokens. */
  public int numBlocks() {
    return numbers.length;
  }

  /** The {@code i}-th block's number. */
  public int block(int i) {
    return numbers[i];
  }

  /** What it owns; for the engine's thread. */
  public BlockTable blocks() {
    return blocks;
  }

  /** At the prompt's end, {@code float32[vocabSize]}. */
  public MemorySegment logits() {
    return logits;
  }

  public long expiresNanos() {
    return expiresNanos;
  }

  /** Why it has ended; empty while it has not. */
  public Optional<End> end() {
    return end.get();
  }

  /** Whether reading may begin; who gets true calls {@link #endRead} once. */
  boolean beginRead() {
    int now = readers.get();
    while ((now & CLOSED) == 0) {
      if (readers.compareAndSet(now, now + 1)) {
        return true;
      }
      now = readers.get();
    }
    return false;
  }

  void endRead() {
    if (readers.decrementAndGet() == CLOSED) {
      onVacated.accept(this);
    }
  }

  /** Whether somebody reads it now. */
  public boolean isRead() {
    return (readers.get() & ~CLOSED) != 0;
  }

  /** Ends it; gives false where it has ended before. */
  public boolean close(End why) {
    if (!end.compareAndSet(Optional.empty(), Optional.of(why))) {
      return false;
    }
    if (readers.getAndAdd(CLOSED) == 0) {
      onVacated.accept(this);
    }
    return true;
  }
}
