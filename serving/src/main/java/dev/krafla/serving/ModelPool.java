package dev.krafla.serving;

import dev.krafla.engine.Engine;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The models that a worker serves, within one limit of memory: loaded when they are asked for, and
 * unloaded when another needs their memory, the least recently used first. A model that a request
 * holds is never unloaded, nor one that is pinned. A request for a model that is not in memory
 * waits for it, but no longer than a limit.
 *
 * <p>Thread-safe: one lock owns the state of all models; loading and unloading happen outside of
 * it, on a thread per model that is to come.
 */
public final class ModelPool implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ModelPool.class.getName());

  /** A model that could not be loaded is not tried again before. */
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

  /** Brings a model into memory. */
  @FunctionalInterface
  public interface Loader {
    /**
     * Loads it; may take long.
     *
     * @throws Exception when it cannot be loaded; the message is for people
     */
    LiveModel load() throws Exception;
  }

  /**
   * A model that can be loaded.
   *
   * @param id its name on the wire
   * @param bytes of memory that it takes, weights and KV cache
   * @param pinned whether it stays once it is loaded
   */
  public record Entry(String id, long bytes, boolean pinned, Loader loader) {}

  /** Where a model is. */
  public enum State {
    UNLOADED("unloaded"),
    LOADING("loading"),
    READY("ready"),
    UNLOADING("unloading");

    private final String label;

    State(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /**
   * What is known of one model.
   *
   * @param live while it is ready
   */
  public record Listing(
      String id, State state, boolean pinned, long bytes, Optional<LiveModel> live) {}

  /**
   * Counts since the start.
   *
   * @param bytes of the models that are in memory, or on their way
   */
  record Counts(long loads, long failures, long evictions, long bytes, long maxBytes) {}

  private static final class Slot {
    final Entry entry;
    State state = State.UNLOADED;
    int leases;
    int waiting; // requests that will take a lease once it is ready
    long lastUsed; // the pool's count of leases then
    @Nullable LiveModel live; // while READY
    @Nullable String failure; // of the last load, if it failed
    long failedAt;

    Slot(Entry entry) {
      this.entry = entry;
    }
  }

  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final long maxBytes;
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean draining;
  private long uses;
  private long loads;
  private long failures;
  private long evictions;

  /**
   * @param entries the first is meant by requests that name no model
   * @param maxBytes most bytes of all models that are in memory at a time
   * @param patience how long a request waits for its model
   * @throws IllegalArgumentException when a model can never be loaded beside the pinned ones
   */
  public ModelPool(List<Entry> entries, long maxBytes, Duration patience) {
    this.maxBytes = maxBytes;
    this.patience = patience;
    long pinned = entries.stream().filter(Entry::pinned).mapToLong(Entry::bytes).sum();
    for (Entry entry : entries) {
      long beside = entry.pinned ? pinned : pinned + entry.bytes;
      if (beside > maxBytes) {
        throw new IllegalArgumentException(
            "the model '%s' takes %,d bytes, with those that are pinned %,d; the limit of all models is %,d"
                .formatted(entry.id, entry.bytes, beside, maxBytes));
      }
      if (slots.put(entry.id, new Slot(entry)) != null) {
        throw new IllegalArgumentException("two models are called '%s'".formatted(entry.id));
      }
    }
  }

  /** A pool of one model that is in memory, and that its owner closes. */
  static ModelPool of(ServedModel served, Engine engine) {
    var live = new LiveModel(served, engine, () -> {});
    var entry = new Entry(served.id(), 0, true, () -> live);
    var pool = new ModelPool(List.of(entry), 0, Duration.ZERO);
    Slot slot = pool.slot(served.id());
    slot.state = State.READY;
    slot.live = live;
    return pool;
  }

  /** A model that stays in memory until this is closed. */
  final class Lease implements AutoCloseable {
    private final Slot slot;
    private final LiveModel model;

    private Lease(Slot slot, LiveModel model) {
      this.slot = slot;
      this.model = model;
    }

    LiveModel model() {
      return model;
    }

    @Override
    public void close() {
      lock.lock();
      try {
        slot.leases--;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * The model called {@code id}, or the first where that is empty, loaded if need be. Waits.
   *
   * @throws Refused when there is none of that name, or it is not ready in time
   */
  Lease lease(String id) {
    lock.lock();
    try {
      Slot slot = slot(id);
      slot.waiting++;
      try {
        awaitReady(slot);
      } finally {
        slot.waiting--;
      }
      slot.leases++;
      slot.lastUsed = ++uses;
      return new Lease(slot, Objects.requireNonNull(slot.live));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refused.draining();
    } finally {
      lock.unlock();
    }
  }

  private void awaitReady(Slot slot) throws InterruptedException {
    long left = patience.toNanos();
    while (slot.state != State.READY) {
      if (draining) {
        throw Refused.draining();
      }
      if (slot.state == State.UNLOADED) {
        requireNoFreshFailure(slot);
        if (startLoad(slot)) {
          continue;
        }
      }
      if (left <= 0) {
        throw Refused.modelNotReady(slot.entry.id, why(slot), patience);
      }
      left = changed.awaitNanos(left);
    }
  }

  private Slot slot(String id) {
    if (id.isEmpty()) {
      return slots.values().iterator().next();
    }
    Slot slot = slots.get(id);
    if (slot == null) {
      throw Refused.modelNotFound(id, String.join("', '", slots.keySet()));
    }
    return slot;
  }

  private static void requireNoFreshFailure(Slot slot) {
    long age = System.nanoTime() - slot.failedAt;
    if (slot.failure != null && age < AFTER_FAILURE.toNanos()) {
      throw Refused.modelFailed(slot.entry.id, slot.failure, AFTER_FAILURE.minusNanos(age));
    }
  }

  private static String why(Slot slot) {
    return slot.state == State.UNLOADED
        ? "is not in memory, and those that are there are in use"
        : "is still being loaded";
  }

  /** Makes room and begins to load; false where running requests hold what would have to go. */
  private boolean startLoad(Slot slot) {
    long needed = bytes() + slot.entry.bytes - maxBytes;
    var victims = new ArrayList<Slot>();
    for (Slot idle : idleByUse()) {
      if (needed <= 0) {
        break;
      }
      victims.add(idle);
      needed -= idle.entry.bytes;
    }
    if (needed > 0) {
      return false;
    }
    var closing = new ArrayList<LiveModel>();
    for (Slot victim : victims) {
      victim.state = State.UNLOADING;
      closing.add(Objects.requireNonNull(victim.live));
      victim.live = null;
      evictions++;
    }
    slot.state = State.LOADING;
    slot.failure = null;
    Thread.ofPlatform()
        .name("krafla-load-" + slot.entry.id)
        .daemon()
        .start(() -> load(slot, victims, closing));
    return true;
  }

  private List<Slot> idleByUse() {
    return slots.values().stream()
        .filter(s -> s.state == State.READY && s.leases + s.waiting == 0 && !s.entry.pinned)
        .sorted(Comparator.comparingLong(s -> s.lastUsed))
        .toList();
  }

  /** Bytes of all models that are not wholly gone. */
  private long bytes() {
    return slots.values().stream()
        .filter(s -> s.state != State.UNLOADED)
        .mapToLong(s -> s.entry.bytes)
        .sum();
  }

  private void load(Slot slot, List<Slot> victims, List<LiveModel> closing) {
    for (int i = 0; i < victims.size(); i++) {
      Slot victim = victims.get(i);
      LOG.log(Level.INFO, "{0} is unloaded for {1}", victim.entry.id, slot.entry.id);
      closing.get(i).close();
      change(() -> victim.state = State.UNLOADED);
    }
    try {
      LiveModel live = slot.entry.loader.load();
      change(() -> {
        loads++;
        slot.live = live;
        slot.lastUsed = ++uses;
        slot.state = State.READY;
      });
    } catch (Exception | OutOfMemoryError e) {
      LOG.log(Level.WARNING, "the model " + slot.entry.id + " could not be loaded", e);
      change(() -> {
        failures++;
        slot.failure = String.valueOf(e.getMessage());
        slot.failedAt = System.nanoTime();
        slot.state = State.UNLOADED;
      });
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Loads the model called {@code id}, if it is not in memory, and waits for it as a request does.
   *
   * @throws IllegalStateException when it is not there then; with what its loader said
   */
  public void load(String id) {
    try (Lease lease = lease(id)) {
      LOG.log(Level.DEBUG, "{0} is in memory", lease.model().served().id());
    } catch (Refused e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** All models, in the order in which they were named. */
  public List<Listing> list() {
    lock.lock();
    try {
      return slots.values().stream()
          .map(s ->
              new Listing(
                  s.entry.id, s.state, s.entry.pinned, s.entry.bytes, Optional.ofNullable(s.live)))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** The one of that name, as {@link #list} has it. */
  Listing listing(String id) {
    slot(id); // it is there
    return list().stream().filter(l -> l.id.equals(id)).findFirst().orElseThrow();
  }

  Counts counts() {
    lock.lock();
    try {
      return new Counts(loads, failures, evictions, bytes(), maxBytes);
    } finally {
      lock.unlock();
    }
  }

  /** Models that are ready now. */
  List<LiveModel> live() {
    return list().stream().flatMap(l -> l.live.stream()).toList();
  }

  /**
   * Gives no more leases of models that are not in memory, and waits until engines have nothing to
   * do.
   *
   * @return whether all had within {@code limit}
   */
  boolean drain(Duration limit) {
    change(() -> draining = true);
    long end = System.nanoTime() + limit.toNanos();
    boolean all = true;
    for (LiveModel model : live()) {
      all &= model.engine().drain(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    }
    return all;
  }

  /** Requests that run or wait, in all engines. */
  public int requests() {
    return live().stream()
        .map(model -> model.engine().stats())
        .mapToInt(stats -> stats.running() + stats.waiting())
        .sum();
  }

  /** Waits for what is being loaded, and unloads all. */
  @Override
  public void close() {
    var closing = new ArrayList<LiveModel>();
    lock.lock();
    try {
      draining = true;
      while (slots.values().stream()
          .anyMatch(s -> s.state == State.LOADING || s.state == State.UNLOADING)) {
        changed.awaitNanos(TimeUnit.SECONDS.toNanos(1));
      }
      for (Slot slot : slots.values()) {
        if (slot.live != null) {
          closing.add(slot.live);
          slot.live = null;
          slot.state = State.UNLOADED;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // what is being loaded ends with the process
    } finally {
      lock.unlock();
    }
    closing.forEach(LiveModel::close);
  }
}
