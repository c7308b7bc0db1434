package dev.krafla.serving.replica;

import dev.krafla.serving.kvevents.KvEventFeed;
import dev.krafla.serving.kvevents.KvEventListener;
import dev.krafla.serving.route.RouteRequest;
import dev.krafla.serving.route.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * The replicas behind a router: looks at each every {@link Settings#interval}, tells the router
 * what it saw, and chooses among those that take requests. Which replicas there are may change at
 * any time. Thread-safe.
 */
public final class ReplicaPool implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ReplicaPool.class.getName());

  /** Counters of replicas that add up. */
  public static final List<String> SUMMED_COUNTERS = ReplicaLoad.SUMMED;

  /** Blocks remembered for a replica that does not tell how many it holds: a million tokens. */
  private static final int UNKNOWN_BLOCKS = 1 << 16;

  private static final int MOST_BLOCKS = 1 << 22;

  /**
   * How a pool looks at its replicas.
   *
   * @param interval between two looks at a replica
   * @param blockTokens tokens in the router's blocks
   */
  public record Settings(Duration interval, int blockTokens) {
    /** Once a second; blocks of 16 tokens. */
    public static final Settings DEFAULTS = new Settings(Duration.ofSeconds(1), 16);
  }

  private final Router router;
  private final Settings settings;
  private final Function<String, Optional<String>> environment;
  private final Probe probe;
  private final ConcurrentMap<Integer, Replica> byNumber = new ConcurrentHashMap<>();
  private Map<Replica, Thread> watched = new HashMap<>(); // guarded by this
  private volatile List<Replica> replicas = List.of();

  /**
   * An empty pool.
   *
   * @param router has no replicas yet; only this pool adds some
   * @param environment gives the keys of replicas by the variables' names
   * @param http for looking at replicas; not closed here
   */
  public ReplicaPool(
      Router router,
      Settings settings,
      Function<String, Optional<String>> environment,
      HttpClient http) {
    this.router = router;
    this.settings = settings;
    this.environment = environment;
    this.probe = new Probe(http);
  }

  /** A replica that was chosen for a request, and the router's note of that. */
  public record Chosen(Replica replica, Router.Ticket ticket) {}

  /**
   * From now on these are the replicas. Those that were there before, described alike, keep what is
   * known of them; requests under way to those that are gone go on. Each new one is looked at once
   * before this returns.
   *
   * @throws IllegalArgumentException when one is there twice, or a key's variable is not set;
   *     nothing has changed then
   */
  public synchronized void replace(List<ReplicaSpec> specs) {
    requireDistinct(specs);
    Map<ReplicaSpec, Replica> before = new HashMap<>();
    watched.keySet().forEach(replica -> before.put(replica.spec(), replica));
    var now = new ArrayList<Replica>();
    for (ReplicaSpec spec : specs) {
      Replica known = before.get(spec);
      now.add(known != null ? known : newReplica(spec));
    }
    Map<Replica, Thread> threads = new HashMap<>();
    Map<Replica, Future<ReplicaHealth>> first = new LinkedHashMap<>();
    try (var looks = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Replica replica : now) {
        Thread old = watched.remove(replica);
        if (old == null) {
          first.put(replica, looks.submit(() -> probe.look(replica)));
        } else {
          threads.put(replica, old);
        }
      }
      watched.forEach(this::drop);
    } // all have been looked at; the router learns of them in their operator's order
    first.forEach((replica, look) -> {
      note(replica, look.resultNow());
      threads.put(replica, Thread.ofVirtual().name("watch " + replica).start(() -> watch(replica)));
    });
    watched = threads;
    replicas = List.copyOf(now);
  }

  private static void requireDistinct(List<ReplicaSpec> specs) {
    Set<URI> urls = new HashSet<>();
    for (ReplicaSpec spec : specs) {
      if (!urls.add(spec.url())) {
        throw new IllegalArgumentException(
            "replica %s is there twice; write it once".formatted(spec.url()));
      }
    }
  }

  private Replica newReplica(ReplicaSpec spec) {
    Optional<String> key = spec.keyVariable().flatMap(environment);
    if (spec.keyVariable().isPresent() && key.isEmpty()) {
      throw new IllegalArgumentException(
          "replica %s takes its key from the environment variable %s, which is not set"
              .formatted(spec.url(), spec.keyVariable().get()));
    }
    return new Replica(spec, key, new Circuit(System::nanoTime));
  }

  private void drop(Replica replica, Thread watch) {
    watch.interrupt();
    synchronized (replica) {
      replica.health(ReplicaHealth.unready("it was taken out"));
      if (replica.number().isPresent()) {
        byNumber.remove(replica.number().getAsInt());
        router.remove(replica.number().getAsInt());
        replica.number(OptionalInt.empty());
        replica.events(Optional.empty());
      }
    }
  }

  private void watch(Replica replica) {
    try {
      while (true) {
        Thread.sleep(settings.interval());
        look(replica);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // taken out
    }
  }

  private void look(Replica replica) throws InterruptedException {
    ReplicaHealth seen = probe.look(replica);
    synchronized (replica) {
      if (Thread.interrupted()) {
        throw new InterruptedException("the replica was taken out");
      }
      note(replica, seen);
    }
  }

  private void note(Replica replica, ReplicaHealth seen) {
    synchronized (replica) {
      ReplicaHealth before = replica.health();
      tellRouter(replica, seen); // under the lock that events wait for, too
      replica.health(seen);
      if (before.ready() != seen.ready()) {
        LOG.log(
            System.Logger.Level.INFO,
            seen.ready()
                ? "replica %s is ready with %s".formatted(replica, seen.models())
                : "replica %s takes no requests: %s".formatted(replica, seen.reason()));
      }
    }
  }

  private void tellRouter(Replica replica, ReplicaHealth seen) {
    if (seen.ready() && replica.number().isEmpty()) {
      int number = router.add(recordBlocks(seen.load()));
      byNumber.put(number, replica);
      replica.number(OptionalInt.of(number));
    }
    if (replica.number().isPresent()) {
      int number = replica.number().getAsInt();
      router.available(number, seen.ready());
      seen.load().kvUsage().ifPresent(share -> router.kvUsage(number, share));
      if (seen.ready() != replica.health().ready()) { // what it told before counts no more
        replica.events(seen.ready() ? listen(replica) : Optional.empty());
      }
    }
  }

  private Optional<KvEventFeed> listen(Replica replica) {
    return replica
        .spec()
        .events()
        .map(source ->
            KvEventFeed.start(
                source.endpoint(),
                source.replay(),
                source.topic(),
                settings.blockTokens(),
                MOST_BLOCKS,
                new CacheNews(replica, router)));
  }

  /** Tells the router what a replica holds. */
  private record CacheNews(Replica replica, Router router) implements KvEventListener {
    @Override
    public void stored(long[] keys) {
      tell(number -> router.stored(number, keys));
    }

    @Override
    public void evicted(long[] keys) {
      tell(number -> router.evicted(number, keys));
    }

    @Override
    public void forgotten() {
      tell(router::forget);
    }

    private void tell(IntConsumer news) {
      synchronized (replica) { // else it might be taken out meanwhile
        if (replica.health().ready()) {
          replica.number().ifPresent(news);
        }
      }
    }
  }

  private int recordBlocks(ReplicaLoad load) {
    return load.cacheTokens().isEmpty()
        ? UNKNOWN_BLOCKS
        : Math.clamp(load.cacheTokens().getAsLong() / settings.blockTokens(), 1, MOST_BLOCKS);
  }

  /** Tokens in the router's blocks. */
  public int blockTokens() {
    return settings.blockTokens();
  }

  /** All replicas, in their operator's order. */
  public List<Replica> replicas() {
    return replicas;
  }

  /** Requests that were sent to {@code replica} and have not ended. */
  public int running(Replica replica) {
    synchronized (replica) { // else it might be taken out meanwhile
      OptionalInt number = replica.number();
      return number.isPresent() ? router.running(number.getAsInt()) : 0;
    }
  }

  /**
   * Chooses for {@code request} among those that take requests and are {@code eligible}; empty when
   * there is none. The ticket's end and the circuit must be told how it went.
   */
  public Optional<Chosen> choose(RouteRequest request, Predicate<Replica> eligible) {
    while (true) {
      Optional<Router.Ticket> ticket =
          router.trySend(
              request,
              (_, candidate) -> {
                Replica replica = byNumber.get(candidate.replica());
                return replica != null && replica.takesRequests() && eligible.test(replica);
              });
      if (ticket.isEmpty()) {
        return Optional.empty();
      }
      Replica replica = byNumber.get(ticket.get().replica());
      if (replica != null && replica.circuit().enter()) {
        return Optional.of(new Chosen(replica, ticket.get()));
      }
      ticket.get().ended(); // another request tries it just now, or it was taken out: choose again
    }
  }

  /** Looks at replicas no more. */
  @Override
  public synchronized void close() {
    watched.forEach(this::drop);
    watched = new HashMap<>();
    replicas = List.of();
  }
}
