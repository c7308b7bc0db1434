package dev.krafla.engine.tier;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.kvstore.KvStore;
import dev.krafla.engine.kvstore.KvTierStats;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The stores below memory, nearest first, with what is known of their speed. Gives back only
 * entries that are sound. Thread-safe.
 */
public final class Tiers {
  private static final Logger LOG = System.getLogger(Tiers.class.getName());

  private static final class Tier {
    final KvStore store;
    final StoreSpeed speed = new StoreSpeed();
    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder damaged = new LongAdder();
    final LongAdder bytesRead = new LongAdder();
    final LongAdder nanos = new LongAdder();
    final LongAdder passedOver = new LongAdder();

    Tier(KvStore store) {
      this.store = store;
    }
  }

  private final List<Tier> tiers;
  private final KvKey identity;
  private final LongSupplier clock;

  public Tiers(List<KvStore> stores, KvKey identity, LongSupplier clock) {
    this.tiers = stores.stream().map(Tier::new).toList();
    this.identity = identity;
    this.clock = clock;
  }

  /**
   * Measures what reading takes, by entries of its own, the large ones of {@code payloadBytes}. A
   * store that cannot be written or read stays unmeasured.
   */
  public void probe(long payloadBytes) {
    for (Tier tier : tiers) {
      try (Arena arena = Arena.ofConfined()) {
        ByteBuffer large = arena.allocate(Entry.HEADER_BYTES + payloadBytes, 64).asByteBuffer();
        ByteBuffer small = large.slice(0, Entry.HEADER_BYTES);
        tier.speed.measured(
            readNanos(tier.store, small), readNanos(tier.store, large), large.capacity());
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "The store {0} could not be measured: {1}", tier.store.name(), e);
      }
    }
  }

  /** The least of a few, as the first time is that of cold code. */
  private long readNanos(KvStore store, ByteBuffer entry) throws IOException {
    var random = ThreadLocalRandom.current();
    var key = new KvKey(random.nextLong(), random.nextLong());
    store.write(key, entry.duplicate());
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long start = clock.getAsLong();
      if (!store.read(key, new ByteBuffer[] {entry.duplicate()}, Long.MAX_VALUE)) {
        throw new IOException("what was written is not there");
      }
      Entry.crc(entry);
      least = Math.min(least, clock.getAsLong() - start);
    }
    store.remove(key);
    return least;
  }

  /** The first store that may hold {@code key}, or -1. Never waits. */
  public int where(KvKey key) {
    for (int i = 0; i < tiers.size(); i++) {
      if (tiers.get(i).store.mayHold(key)) {
        return i;
      }
    }
    return -1;
  }

  /** Nanoseconds that an entry from the {@code tier}-th store is expected to take. */
  public double readNanos(int tier, long bytes) {
    return tiers.get(tier).speed.nanos(1, bytes);
  }

  /** Notes that the {@code tier}-th store had something that was computed instead. */
  public void passedOver(int tier) {
    tiers.get(tier).passedOver.increment();
    tiers.get(tier).speed.passedOver();
  }

  /**
   * Fills {@code payload} with the entry of that key from the first store that has a sound one. May
   * wait.
   *
   * @param limitNanos how long it is worth waiting for
   * @return false when there is none; {@code payload} then holds rubbish
   */
  public boolean read(KvKey key, Entry.Kind kind, ByteBuffer[] payload, long limitNanos) {
    for (Tier tier : tiers) {
      if (tier.store.mayHold(key) && read(tier, key, kind, payload, limitNanos)) {
        return true;
      }
    }
    return false;
  }

  private boolean read(
      Tier tier, KvKey key, Entry.Kind kind, ByteBuffer[] payload, long limitNanos) {
    long start = clock.getAsLong();
    ByteBuffer header = ByteBuffer.allocateDirect(Entry.HEADER_BYTES);
    var into = new ByteBuffer[payload.length + 1];
    into[0] = header;
    long bytes = Entry.HEADER_BYTES;
    for (int i = 0; i < payload.length; i++) {
      into[i + 1] = payload[i].duplicate();
      bytes += payload[i].remaining();
    }
    try {
      if (!tier.store.read(key, into, limitNanos)) {
        tier.misses.increment();
        return false;
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "The store {0} could not be read: {1}", tier.store.name(), e);
      if (tier.store.isAvailable()) { // slow; one that failed is left alone anyway
        tier.speed.gaveUp(clock.getAsLong() - start);
      }
      tier.misses.increment();
      return false;
    }
    if (!Entry.isSound(header.flip(), payload, kind, key, identity)) {
      LOG.log(
          Level.INFO,
          "An entry of the KV cache on {0} is damaged; it is removed, and computed anew",
          tier.store.name());
      tier.damaged.increment();
      tier.store.remove(key);
      return false;
    }
    long nanos = clock.getAsLong() - start;
    tier.speed.loaded(1, bytes, nanos);
    tier.hits.increment();
    tier.bytesRead.add(bytes);
    tier.nanos.add(nanos);
    return true;
  }

  /** What the {@code i}-th store has done, with what is not known here. */
  public KvTierStats stats(int i, long bytesWritten) {
    Tier t = tiers.get(i);
    return new KvTierStats(
        t.store.name(),
        t.hits.sum(),
        t.misses.sum(),
        t.damaged.sum(),
        t.passedOver.sum(),
        t.bytesRead.sum(),
        bytesWritten,
        Duration.ofNanos(t.nanos.sum()),
        t.speed.bytesPerSecond(),
        t.speed.latencySeconds(),
        t.store.bytes(),
        t.store.maxBytes(),
        t.store.isAvailable());
  }

  public int size() {
    return tiers.size();
  }

  /** Closes the stores. */
  public void close() {
    tiers.forEach(tier -> tier.store.close());
  }
}
