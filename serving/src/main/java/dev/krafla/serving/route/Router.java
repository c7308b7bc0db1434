package dev.krafla.serving.route;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a replica for each request: filter, score, pick. What replicas hold it knows from what it
 * has sent where: a request's prefix counts as held from the moment of its dispatch, for {@link
 * #SPECULATIVE}, so that what comes right behind it follows it; once its answer has begun, until it
 * must be forgotten for newer ones. Replicas that tell what they store and throw out are believed
 * ({@link #stored}, {@link #evicted}). Thread-safe.
 */
public final class Router {
  /** How long a prefix is believed to be held before anything proves it (llm-d's router: 2 s). */
  public static final Duration SPECULATIVE = Duration.ofSeconds(2);

  private final Picker picker;
  private final int blockTokens;
  private final LongSupplier clock;
  private final List<@Nullable State> replicas = new ArrayList<>(); // null: number is free

  /** What is known of one replica. */
  private static final class State {
    final PrefixRecord record;
    boolean available = true;
    long queuedTokens;
    int running;
    double kvUsage;

    State(PrefixRecord record) {
      this.record = record;
    }
  }

  /**
   * A router that knows no replica yet.
   *
   * @param blockTokens tokens in a block of the replicas' caches
   * @param clock nanoseconds
   */
  public Router(Picker picker, int blockTokens, LongSupplier clock) {
    this.picker = picker;
    this.blockTokens = blockTokens;
    this.clock = clock;
  }

  /**
   * A router of replicas 0 to {@code replicas} − 1.
   *
   * @param blockTokens tokens in a block of the replicas' caches
   * @param recordBlocks most blocks that are remembered for each replica; best what its cache holds
   * @param clock nanoseconds
   */
  public Router(
      Picker picker, int replicas, int blockTokens, int recordBlocks, LongSupplier clock) {
    this(picker, blockTokens, clock);
    for (int i = 0; i < replicas; i++) {
      var _ = add(recordBlocks);
    }
  }

  /** A request on its way. Its calls may come from any thread; repeated ones do nothing. */
  public final class Ticket {
    private final int replica;
    private final State state;
    private final long[] keys;
    private final int uncachedTokens;
    private boolean begun;
    private boolean ended;

    private Ticket(int replica, State state, long[] keys, int uncachedTokens) {
      this.replica = replica;
      this.state = state;
      this.keys = keys;
      this.uncachedTokens = uncachedTokens;
    }

    /** Number of the replica that was chosen. */
    public int replica() {
      return replica;
    }

    /** Prompt tokens that the replica probably has to compute. */
    public int uncachedTokens() {
      return uncachedTokens;
    }

    /** Its answer has begun: the prompt is computed, and its blocks are there. */
    public void begun() {
      synchronized (Router.this) {
        if (!begun) {
          begun = true;
          state.queuedTokens -= uncachedTokens;
          state.record.add(keys, PrefixRecord.CONFIRMED);
        }
      }
    }

    /** Its answer has ended, or will never come. */
    public void ended() {
      synchronized (Router.this) {
        if (!ended) {
          ended = true;
          state.running--;
          if (!begun) {
            begun = true;
            state.queuedTokens -= uncachedTokens;
          }
        }
      }
    }
  }

  /**
   * One more replica, available at once.
   *
   * @param recordBlocks most blocks that are remembered for it; best what its cache holds
   * @return its number, which may have been that of one that was removed
   */
  public synchronized int add(int recordBlocks) {
    var state = new State(new PrefixRecord(recordBlocks));
    int free = replicas.indexOf(null);
    if (free >= 0) {
      replicas.set(free, state);
      return free;
    }
    replicas.add(state);
    return replicas.size() - 1;
  }

  /** Forgets {@code replica}; requests on their way to it may still end. */
  public synchronized void remove(int replica) {
    state(replica);
    replicas.set(replica, null);
  }

  /**
   * Chooses a replica and counts the request as sent.
   *
   * @throws NoReplica when none may take it
   */
  public Ticket send(RouteRequest request) {
    return trySend(request, (_, _) -> true)
        .orElseThrow(() ->
            new NoReplica(
                "none of %d replicas takes requests; try again later".formatted(count())));
  }

  /**
   * As {@link #send}, of the replicas that {@code also} admits; empty when none may take it. The
   * filter is asked under this router's lock.
   */
  public synchronized Optional<Ticket> trySend(RouteRequest request, Filter also) {
    long now = clock.getAsLong();
    var candidates = new ArrayList<Candidate>(replicas.size());
    for (int i = 0; i < replicas.size(); i++) {
      State state = replicas.get(i);
      if (state != null && state.available) {
        Candidate candidate = candidate(i, state, request, now);
        if (also.admits(request, candidate)) {
          candidates.add(candidate);
        }
      }
    }
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    Candidate chosen = candidates.get(picker.pick(request, candidates));
    State state = state(chosen.replica());
    state.running++;
    state.queuedTokens += chosen.uncachedTokens();
    state.record.add(request.keys(), now + SPECULATIVE.toNanos());
    return Optional.of(
        new Ticket(chosen.replica(), state, request.keys(), chosen.uncachedTokens()));
  }

  private Candidate candidate(int replica, State state, RouteRequest request, long now) {
    int cached = state.record.overlap(request.keys(), now) * blockTokens;
    return new Candidate(
        replica,
        Math.max(0, request.promptTokens() - cached),
        state.queuedTokens,
        state.running,
        state.kvUsage);
  }

  private State state(int replica) {
    State state = replicas.get(replica);
    if (state == null) {
      throw new IllegalArgumentException("replica %d was removed".formatted(replica));
    }
    return state;
  }

  private synchronized int count() {
    return replicas.size();
  }

  /** Notes whether {@code replica} takes requests; one that comes back has an empty cache. */
  public synchronized void available(int replica, boolean available) {
    State state = state(replica);
    if (available && !state.available) {
      state.record.clear();
    }
    state.available = available;
  }

  /** Notes that {@code replica} says it holds the blocks of {@code keys}, in a prompt's order. */
  public synchronized void stored(int replica, long[] keys) {
    state(replica).record.add(keys, PrefixRecord.CONFIRMED);
  }

  /** Notes that {@code replica} says it has thrown the blocks of {@code keys} out. */
  public synchronized void evicted(int replica, long[] keys) {
    for (long key : keys) {
      state(replica).record.remove(key);
    }
  }

  /** Notes that nothing is known any more of what {@code replica} holds. */
  public synchronized void forget(int replica) {
    state(replica).record.clear();
  }

  /** Notes what share of its cache {@code replica} says that its running requests hold. */
  public synchronized void kvUsage(int replica, double share) {
    state(replica).kvUsage = Math.clamp(share, 0.0, 1.0);
  }

  /** Requests that were sent to {@code replica} and have not ended. */
  public synchronized int running(int replica) {
    return state(replica).running;
  }

  /** Prompt tokens that were sent to {@code replica} and are not known to be computed. */
  public synchronized long queuedTokens(int replica) {
    return state(replica).queuedTokens;
  }
}
