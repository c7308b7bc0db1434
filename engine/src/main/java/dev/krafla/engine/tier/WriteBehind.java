package dev.krafla.engine.tier;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.kvstore.KvStore;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Writes entries to the stores on a thread of its own. Who offers one copies it into a buffer here
 * and goes on; where all buffers are full the entry is dropped and counted, and nobody waits.
 *
 * <p>Copied rather than lent: copying a block of 360 KiB takes 20 to 40 µs at best, 0.3 ms from
 * cold memory on a busy machine, once for the 16 tokens that took 8 ms and more to compute; and the
 * cache's blocks stay the engine's alone.
 */
public final class WriteBehind implements AutoCloseable {
  private static final Logger LOG = System.getLogger(WriteBehind.class.getName());

  /** Memory for entries that wait to be written. */
  private static final long QUEUE_BYTES = 64L << 20;

  private sealed interface Task {}

  private record Job(KvKey key, Entry.Kind kind, MemorySegment buffer, long payloadBytes)
      implements Task {}

  private record End() implements Task {}

  private final List<KvStore> stores;
  private final KvKey identity;
  private final Arena arena = Arena.ofShared();
  private final long bufferBytes;
  private final BlockingQueue<MemorySegment> free;
  private int unallocated; // buffers; the offering thread's
  private final BlockingQueue<Task> queue;
  private final Set<KvKey> queued = ConcurrentHashMap.newKeySet();
  private final LongAdder dropped = new LongAdder();
  private final long[] written; // bytes by store; the writer's, read by others
  private final Thread writer;

  /**
   * @param identity of what all entries come from
   * @param payloadBytes of the largest entry
   */
  @SuppressWarnings("MustBeClosedChecker") // close() closes the arena
  public WriteBehind(List<KvStore> stores, KvKey identity, long payloadBytes) {
    this.stores = List.copyOf(stores);
    this.identity = identity;
    this.written = new long[stores.size()];
    bufferBytes = Entry.HEADER_BYTES + payloadBytes;
    unallocated = Math.clamp(QUEUE_BYTES / bufferBytes, 8, 1024);
    free = new ArrayBlockingQueue<>(unallocated);
    queue = new ArrayBlockingQueue<>(unallocated + 1); // and the end
    writer = Thread.ofPlatform().name("krafla-kv-writer").daemon().start(this::writeAll);
  }

  /** Whether {@code key} is in all stores, or on its way there. */
  public boolean has(KvKey key) {
    if (queued.contains(key)) {
      return true;
    }
    boolean all = true;
    for (KvStore store : stores) {
      all &= store.holds(key); // all are asked: it counts as used in each
    }
    return all;
  }

  /**
   * Takes an entry, whose payload {@code fill} copies into the memory that it is given; where there
   * is no room it is dropped and counted. Never waits. Called by one thread.
   */
  public void offer(KvKey key, Entry.Kind kind, long payloadBytes, Consumer<MemorySegment> fill) {
    MemorySegment buffer = free.poll();
    if (buffer == null && unallocated > 0) {
      unallocated--;
      buffer = arena.allocate(bufferBytes, 64);
    }
    if (buffer == null) {
      dropped.increment();
      return;
    }
    fill.accept(buffer.asSlice(Entry.HEADER_BYTES, payloadBytes));
    queued.add(key);
    queue.add(new Job(key, kind, buffer, payloadBytes)); // as many places as buffers
  }

  /** Entries that were not written, as the writer was behind or the store failed. */
  public long dropped() {
    return dropped.sum();
  }

  /** Counts an entry that was not offered, as the one that it continues is missing. */
  public void drop() {
    dropped.increment();
  }

  /** Bytes written to the {@code i}-th store. */
  public synchronized long written(int i) {
    return written[i];
  }

  private void writeAll() {
    try {
      while (queue.take() instanceof Job job) {
        write(job);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  private void write(Job job) {
    MemorySegment entry = job.buffer.asSlice(0, Entry.HEADER_BYTES + job.payloadBytes);
    MemorySegment payload = job.buffer.asSlice(Entry.HEADER_BYTES, job.payloadBytes);
    int crc = Entry.crc(payload.asByteBuffer());
    Entry.writeHeader(entry.asByteBuffer(), job.kind, job.key, identity, job.payloadBytes, crc);
    for (int i = 0; i < stores.size(); i++) {
      write(job, i, entry);
    }
    queued.remove(job.key);
    free.add(job.buffer);
  }

  private void write(Job job, int i, MemorySegment entry) {
    KvStore store = stores.get(i);
    if (store.holds(job.key)) {
      return;
    }
    try {
      store.write(job.key, entry.asByteBuffer());
      synchronized (this) {
        written[i] += entry.byteSize();
      }
    } catch (IOException | RuntimeException e) {
      dropped.increment();
      LOG.log(Level.DEBUG, "An entry was not written to the store {0}: {1}", store.name(), e);
    }
  }

  /** Writes what was taken, then ends. */
  @Override
  public void close() {
    queue.add(new End());
    boolean interrupted = false;
    while (writer.isAlive()) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        interrupted = true; // the buffers must not be freed before
      }
    }
    arena.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
