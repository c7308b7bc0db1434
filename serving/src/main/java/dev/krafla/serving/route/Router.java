package dev.krafla.serving.route;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Chooses a replica for each request: filter, score, pick. What replicas hold it knows from what it
 * has sent where: a request's prefix counts as held from the moment of its dispatch, for {@link
 * #SPECULATIVE}, so that what comes right behind it follows it; once its answer has begun, until it
 * must be forgotten for newer ones. Thread-safe.
 */
public final class Router {
  /** How long a prefix is believed to be held before anything proves it (llm-d's router: 2 s). */
  public static final Duration SPECULATIVE = Duration.ofSeconds(2);

  private final Picker picker;
  private final List<Filter> filters;
  private final int blockTokens;
  private final LongSupplier clock;
  private final List<State> replicas = new ArrayList<>();

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
   * @param blockTokens tokens in a block of the replicas' caches
   * @param recordBlocks most blocks that are remembered for each replica; best what its cache holds
   * @param clock nanoseconds
   */
  public Router(
      Picker picker, int replicas, int blockTokens, int recordBlocks, LongSupplier clock) {
    this.picker = picker;
    this.filters = List.of((_, candidate) -> candidate.available());
    this.blockTokens = blockTokens;
    this.clock = clock;
    for (int i = 0; i < replicas; i++) {
      this.replicas.add(new State(new PrefixRecord(recordBlocks)));
    }
  }

  /** A request on its way. Its calls may come from any thread; repeated ones do nothing. */
  public final class Ticket {
    private final int replica;
    private final long[] keys;
    private final int uncachedTokens;
    private boolean begun;
    private boolean ended;

    private Ticket(int replica, long[] keys, int uncachedTokens) {
      this.replica = replica;
      this.keys = keys;
      this.uncachedTokens = uncachedTokens;
    }

    /** Number of the replica that was chosen. */
    public int replica() {
      return replica;
    }

    /** Its answer has begun: the prompt is computed, and its blocks are there. */
    public void begun() {
      synchronized (Router.this) {
        if (!begun) {
          begun = true;
          replicas.get(replica).queuedTokens -= uncachedTokens;
          replicas.get(replica).record.add(keys, PrefixRecord.CONFIRMED);
        }
      }
    }

    /** Its answer has ended, or will never come. */
    public void ended() {
      synchronized (Router.this) {
        if (!ended) {
          ended = true;
          replicas.get(replica).running--;
          if (!begun) {
            begun = true;
            replicas.get(replica).queuedTokens -= uncachedTokens;
          }
        }
      }
    }
  }

  /**
   * Chooses a replica and counts the request as sent.
   *
   * @throws NoReplica when none may take it
   */
  public synchronized Ticket send(RouteRequest request) {
    long now = clock.getAsLong();
    var candidates = new ArrayList<Candidate>(replicas.size());
    for (int i = 0; i < replicas.size(); i++) {
      Candidate candidate = candidate(i, request, now);
      if (filters.stream().allMatch(filter -> filter.admits(request, candidate))) {
        candidates.add(candidate);
      }
    }
    if (candidates.isEmpty()) {
      throw new NoReplica(
          "none of %d replicas takes requests; try again later".formatted(replicas.size()));
    }
    Candidate chosen = candidates.get(picker.pick(request, candidates));
    State state = replicas.get(chosen.replica());
    state.running++;
    state.queuedTokens += chosen.uncachedTokens();
    state.record.add(request.keys(), now + SPECULATIVE.toNanos());
    return new Ticket(chosen.replica(), request.keys(), chosen.uncachedTokens());
  }

  private Candidate candidate(int replica, RouteRequest request, long now) {
    State state = replicas.get(replica);
    int cached = state.available ? state.record.overlap(request.keys(), now) * blockTokens : 0;
    return new Candidate(
        replica,
        state.available,
        request.promptTokens() - cached,
        state.queuedTokens,
        state.running,
        state.kvUsage);
  }

  /** Notes whether {@code replica} takes requests; one that comes back has an empty cache. */
  public synchronized void available(int replica, boolean available) {
    State state = replicas.get(replica);
    if (available && !state.available) {
      state.record.clear();
    }
    state.available = available;
  }

  /** Notes what share of its cache {@code replica} says that its running requests hold. */
  public synchronized void kvUsage(int replica, double share) {
    replicas.get(replica).kvUsage = Math.clamp(share, 0.0, 1.0);
  }

  /** Requests that were sent to {@code replica} and have not ended. */
  public synchronized int running(int replica) {
    return replicas.get(replica).running;
  }

  /** Prompt tokens that were sent to {@code replica} and are not known to be computed. */
  public synchronized long queuedTokens(int replica) {
    return replicas.get(replica).queuedTokens;
  }
}
