package dev.krafla.engine.tier;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.kvstore.KvStore;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Writes entries to the stores, on one thread for each, so that a slow one keeps no other waiting.
 * Who offers an entry copies it into a buffer here and goes on; where all buffers are full, or a
 * store lags behind by half of them, the entry is dropped and counted, and nobody waits.
 *
 * <p>Copied rather than lent: copying a block of 360 KiB takes 20 to 40 µs at best, 0.3 ms from
 * cold memory on a busy machine, once for the 16 tokens that took 8 ms and more to compute; and the
 * cache's blocks stay the engine's alone.
 *
 * <p>Sets of stores are bits: bit i stands for the i-th.
 */
public final class WriteBehind implements AutoCloseable {
  private static final Logger LOG = System.getLogger(WriteBehind.class.getName());

  /** Memory for entries that wait to be written. */
  private static final long QUEUE_BYTES = 64L << 20;

  /** How long what is queued may still be written when the engine ends. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  private sealed interface Task {}

  private record End() implements Task {}

  /** One entry; the threads of several stores may write it at the same time. */
  private static final class Job implements Task {
    final KvKey key;
    final Entry.Kind kind;
    final MemorySegment buffer;
    final long payloadBytes;
    final AtomicInteger storesLeft;
    private boolean sealed;

    Job(KvKey key, Entry.Kind kind, MemorySegment buffer, long payloadBytes, int stores) {
      this.key = key;
      this.kind = kind;
      this.buffer = buffer;
      this.payloadBytes = payloadBytes;
      this.storesLeft = new AtomicInteger(stores);
    }

    /** The whole entry; its header is written by whoever needs it first. */
    synchronized MemorySegment entry(KvKey identity) {
      MemorySegment entry = buffer.asSlice(0, Entry.HEADER_BYTES + payloadBytes);
      if (!sealed) {
        int crc = Entry.crc(buffer.asSlice(Entry.HEADER_BYTES, payloadBytes).asByteBuffer());
        Entry.writeHeader(entry.asByteBuffer(), kind, key, identity, payloadBytes, crc);
        sealed = true;
      }
      return entry;
    }
  }

  /** One store's queue and thread. */
  private final class Lane {
    final KvStore store;
    final BlockingQueue<Task> queue;
    final Set<KvKey> queued = ConcurrentHashMap.newKeySet();
    final LongAdder written = new LongAdder(); // bytes
    final Thread writer;

    Lane(KvStore store, int places) {
      this.store = store;
      this.queue = new ArrayBlockingQueue<>(places + 1); // and the end
      this.writer =
          Thread.ofPlatform()
              .name("krafla-kv-writer-" + store.name())
              .daemon()
              .unstarted(this::writeAll);
    }

    boolean lacks(KvKey key) {
      // Asked in any case, as it counts as used.
      return !store.holds(key) && !queued.contains(key) && store.isAvailable();
    }

    boolean offer(Job job) {
      queued.add(job.key);
      if (queue.remainingCapacity() > 1 && queue.offer(job)) {
        return true;
      }
      queued.remove(job.key);
      return false;
    }

    private void writeAll() {
      try {
        while (queue.take() instanceof Job job) {
          if (closing && System.nanoTime() - closeDeadline > 0) {
            dropped.increment();
          } else {
            write(job);
          }
          queued.remove(job.key);
          done(job);
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts this thread", e);
      }
    }

    private void write(Job job) {
      try {
        MemorySegment entry = job.entry(identity);
        if (store.write(job.key, entry.asByteBuffer())) {
          written.add(entry.byteSize());
        }
      } catch (IOException | RuntimeException e) {
        dropped.increment();
        LOG.log(Level.DEBUG, "An entry was not written to the store {0}: {1}", store.name(), e);
      }
    }
  }

  private final KvKey identity;
  private final Arena arena = Arena.ofShared();
  private final long bufferBytes;
  private final BlockingQueue<MemorySegment> free;
  private int unallocated; // buffers; the offering thread's
  private final List<Lane> lanes;
  private final LongAdder dropped = new LongAdder();
  private volatile boolean closing;
  private volatile long closeDeadline; // System.nanoTime, while closing

  /**
   * @param identity of what all entries come from
   * @param payloadBytes of the largest entry
   */
  @SuppressWarnings("MustBeClosedChecker") // close() closes the arena
  public WriteBehind(List<KvStore> stores, KvKey identity, long payloadBytes) {
    if (stores.size() >= Integer.SIZE) {
      throw new IllegalArgumentException(
          "%d stores of the KV cache; at most %d".formatted(stores.size(), Integer.SIZE - 1));
    }
    this.identity = identity;
    bufferBytes = Entry.HEADER_BYTES + payloadBytes;
    unallocated = Math.clamp(QUEUE_BYTES / bufferBytes, 8, 1024);
    free = new ArrayBlockingQueue<>(unallocated);
    int places = stores.size() == 1 ? unallocated : unallocated / 2;
    var all = new ArrayList<Lane>();
    stores.forEach(store -> all.add(new Lane(store, places)));
    lanes = List.copyOf(all);
    lanes.forEach(lane -> lane.writer.start());
  }

  /**
   * The stores that are available and have {@code key} neither written nor queued. It counts as
   * used in each.
   */
  public int lacking(KvKey key) {
    int lacking = 0;
    for (int i = 0; i < lanes.size(); i++) {
      lacking |= lanes.get(i).lacks(key) ? 1 << i : 0;
    }
    return lacking;
  }

  /**
   * Takes an entry, whose payload {@code fill} copies into the memory that it is given, for {@code
   * stores}; where there is no room it is dropped and counted. Never waits. Called by one thread.
   *
   * @return the stores whose threads have taken it
   */
  public int offer(
      KvKey key, Entry.Kind kind, int stores, long payloadBytes, Consumer<MemorySegment> fill) {
    MemorySegment buffer = free.poll();
    if (buffer == null && unallocated > 0) {
      unallocated--;
      buffer = arena.allocate(bufferBytes, 64);
    }
    if (buffer == null) {
      drop(stores);
      return 0;
    }
    fill.accept(buffer.asSlice(Entry.HEADER_BYTES, payloadBytes));
    var job = new Job(key, kind, buffer, payloadBytes, Integer.bitCount(stores));
    int taken = 0;
    for (int i = 0; i < lanes.size(); i++) {
      if ((stores & 1 << i) == 0) {
        continue;
      }
      if (lanes.get(i).offer(job)) {
        taken |= 1 << i;
      } else {
        dropped.increment();
        done(job);
      }
    }
    return taken;
  }

  private void done(Job job) {
    if (job.storesLeft.decrementAndGet() == 0) {
      free.add(job.buffer);
    }
  }

  /** Entries that were not written, as a writer was behind or a store failed. */
  public long dropped() {
    return dropped.sum();
  }

  /** Counts an entry that is not offered to {@code stores}. */
  public void drop(int stores) {
    dropped.add(Integer.bitCount(stores));
  }

  /** Bytes written to the {@code i}-th store. */
  public long written(int i) {
    return lanes.get(i).written.sum();
  }

  /** Writes what was taken, as far as that takes less than ten seconds, then ends. */
  @Override
  public void close() {
    closeDeadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
    closing = true;
    lanes.forEach(lane -> lane.queue.add(new End()));
    boolean interrupted = false;
    for (Lane lane : lanes) {
      while (lane.writer.isAlive()) {
        try {
          lane.writer.join();
        } catch (InterruptedException e) {
          interrupted = true; // the buffers must not be freed before
        }
      }
    }
    arena.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
