package dev.krafla.engine;

import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.cache.BlockTable;
import dev.krafla.engine.cache.KeyChain;
import dev.krafla.engine.cache.PromptKey;
import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.kvstore.KvStore;
import dev.krafla.engine.kvstore.KvTierStats;
import dev.krafla.engine.tier.Entry;
import dev.krafla.engine.tier.Tiers;
import dev.krafla.engine.tier.WriteBehind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Phaser;

/**
 * The engine's side of the stores below memory: what is written to them as it is published, and
 * what a waiting sequence should read from them instead of computing it. Owned by the engine's
 * thread, which never waits here: others read and write.
 */
final class KvTiers {
  /** Weight of the newest step in the running mean. */
  private static final double NEWEST = 0.2;

  /** Fewer tokens tell nothing of how fast prompts are computed. */
  static final int MIN_TIMED_TOKENS = 32;

  /** Whether reading, which takes so many nanoseconds, beats computing, which takes so many. */
  @FunctionalInterface
  interface Choice {
    boolean reads(double readNanos, double computeNanos);

    /** How long a load may take in place of computing, which takes so many nanoseconds. */
    default long patienceNanos(double computeNanos) {
      return Long.MAX_VALUE;
    }
  }

  /** Reads what is expected to come sooner, and no longer than computing would have taken. */
  private static final class Sooner implements Choice {
    /** Less says nothing on a busy machine. */
    private static final long LEAST_NANOS = 10_000_000;

    @Override
    public boolean reads(double readNanos, double computeNanos) {
      return readNanos < computeNanos;
    }

    @Override
    public long patienceNanos(double computeNanos) {
      return Math.max(LEAST_NANOS, (long) computeNanos); // infinity becomes the largest long
    }
  }

  /** What runs loads, and what decides on them; tests have their own. */
  record Policy(Executor executor, Choice choice) {
    static final Policy STANDARD =
        new Policy(task -> Thread.ofVirtual().name("krafla-kv-load").start(task), new Sooner());
  }

  private final List<KvStore> stores;
  private final ModelRunner runner;
  private final Policy policy;
  private final boolean keepsLogits;
  private final long blockBytes;
  private final int logitsBytes;
  private final Tiers tiers;
  private final Optional<WriteBehind> writer; // absent: no stores
  private final StoreLoad.Context context;
  private final Set<Load> loads = new LinkedHashSet<>();
  private final Phaser running = new Phaser(1);
  private double prefillTokensPerNano;
  private long loadedTokens;

  KvTiers(
      List<KvStore> stores,
      KvKey identity,
      ModelRunner runner,
      EngineLimits limits,
      int vocabSize,
      Mailbox mailbox,
      Policy policy) {
    this.stores = List.copyOf(stores);
    this.runner = runner;
    this.policy = policy;
    this.keepsLogits = limits.promptLogits() > 0;
    this.blockBytes = runner.blockBytes();
    this.logitsBytes = vocabSize * Float.BYTES;
    this.tiers = new Tiers(stores, identity, System::nanoTime);
    this.context =
        new StoreLoad.Context(tiers, runner::blockBuffers, blockBytes, logitsBytes, mailbox);
    this.writer =
        stores.isEmpty()
            ? Optional.empty()
            : Optional.of(new WriteBehind(stores, identity, Math.max(blockBytes, logitsBytes)));
  }

  /** Measures how fast the stores are. */
  void probe() {
    tiers.probe(blockBytes);
  }

  boolean isEmpty() {
    return stores.isEmpty();
  }

  // ---- what is read ----

  /**
   * What {@code s} should read, when {@code hits} of its blocks are in memory: the run of blocks
   * after them that stores may hold, and its prompt's logits.
   *
   * @param wantsLogits whether these would spare a forward pass
   * @return empty when there is nothing, or computing it is expected to be faster
   */
  Optional<Load> plan(Sequence s, int hits, int maxBlocks, boolean wantsLogits) {
    if (stores.isEmpty() || s.keys == null) {
      return Optional.empty();
    }
    var keys = new ArrayList<KvKey>();
    double readNanos = 0;
    int tier = 0;
    for (int i = hits; i < Math.min(maxBlocks, s.keys.size()); i++) {
      KvKey key = s.keys.key(i);
      int where = tiers.where(key);
      if (where < 0) {
        break;
      }
      tier = where;
      readNanos += tiers.readNanos(where, blockBytes);
      keys.add(key);
    }
    int tokens = keys.size() * BLOCK_TOKENS;
    Optional<KvKey> logits = Optional.empty();
    PromptKey promptKey = s.generation.promptKey;
    if (wantsLogits && keepsLogits && promptKey != null) {
      int where = tiers.where(promptKey.key());
      if (where >= 0) {
        logits = Optional.of(promptKey.key());
        tier = where;
        readNanos += tiers.readNanos(where, logitsBytes);
        tokens = s.numTokens() - hits * BLOCK_TOKENS;
      }
    }
    if (tokens == 0) {
      return Optional.empty();
    }
    double computeNanos =
        prefillTokensPerNano > 0 ? tokens / prefillTokensPerNano : Double.POSITIVE_INFINITY;
    if (!policy.choice.reads(readNanos, computeNanos)) {
      tiers.passedOver(tier);
      return Optional.empty();
    }
    return Optional.of(
        new StoreLoad(context, s, hits, keys, logits, policy.choice.patienceNanos(computeNanos)));
  }

  /** Starts a load whose sequence has its blocks. */
  void start(Load load) {
    loads.add(load);
    load.prepare();
    running.register();
    policy.executor.execute(() -> {
      try {
        load.run();
      } finally {
        running.arriveAndDeregister();
      }
    });
  }

  /** Notes that a load has reported its end. */
  void ended(Load load) {
    loads.remove(load);
    loadedTokens += load.soundTokens() - load.from * BLOCK_TOKENS;
  }

  // ---- what is written ----

  /**
   * Has the first {@code count} blocks of {@code table} kept in all stores, as far as they are not
   * there. They are full, written, and known by {@code keys}.
   */
  void keep(KeyChain keys, BlockTable table, int from, int count) {
    if (writer.isEmpty()) {
      return;
    }
    WriteBehind to = writer.get();
    var lacking = new int[count - from];
    // From the end, so that of a prefix the beginning is used last, and evicted last.
    for (int i = count - 1; i >= from; i--) {
      lacking[i - from] = to.lacking(keys.key(i));
    }
    int before = from == 0 ? 0 : to.lacking(keys.key(from - 1)); // stores without the one before
    for (int i = from; i < count; i++) {
      int lack = lacking[i - from];
      int taken = 0;
      if ((lack & ~before) != 0) {
        int block = table.get(i);
        taken =
            to.offer(
                keys.key(i),
                Entry.Kind.BLOCK,
                lack & ~before,
                blockBytes,
                memory -> runner.copyBlock(block, memory));
      }
      to.drop(lack & before); // nobody could find it there without those before
      before = lack & ~taken;
    }
  }

  /** Has the logits at the end of a prompt kept in all stores. */
  void keepLogits(PromptKey prompt, MemorySegment logits) {
    if (writer.isEmpty() || !keepsLogits) {
      return;
    }
    int lacking = writer.get().lacking(prompt.key());
    if (lacking != 0) {
      writer
          .get()
          .offer(prompt.key(), Entry.Kind.LOGITS, lacking, logitsBytes, to -> to.copyFrom(logits));
    }
  }

  // ---- what is known ----

  /** Notes how long a step of prompts took. */
  void timed(int tokens, long nanos) {
    if (tokens >= MIN_TIMED_TOKENS) {
      double sample = tokens / (double) Math.max(1, nanos);
      prefillTokensPerNano +=
          (prefillTokensPerNano == 0 ? 1 : NEWEST) * (sample - prefillTokensPerNano);
    }
  }

  double prefillTokensPerSecond() {
    return prefillTokensPerNano * 1e9;
  }

  /** Tokens whose KV came from a store or from another worker. */
  long loadedTokens() {
    return loadedTokens;
  }

  List<KvTierStats> stats() {
    return writer
        .map(w -> {
          var all = new ArrayList<KvTierStats>();
          for (int i = 0; i < tiers.size(); i++) {
            all.add(tiers.stats(i, w.written(i)));
          }
          return List.copyOf(all);
        })
        .orElse(List.of());
  }

  /** Entries that were not written. */
  long droppedWrites() {
    return writer.map(WriteBehind::dropped).orElse(0L);
  }

  /** Waits for loads to end, before the blocks' memory goes. */
  void awaitLoads() {
    loads.forEach(Load::cancel);
    running.arriveAndAwaitAdvance();
  }

  /** Writes what was taken, and closes the stores. No load runs any more. */
  void close() {
    writer.ifPresent(WriteBehind::close);
    tiers.close();
  }
}
