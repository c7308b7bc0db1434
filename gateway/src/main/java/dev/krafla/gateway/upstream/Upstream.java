package dev.krafla.gateway.upstream;

import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocketFactory;

/**
 * Connections to upstreams, kept for the next request where they can be, and the one thread that
 * looks after all that are silent. Written for this gateway because it needs what the libraries'
 * clients do not give together: a request that can be broken off at any moment from another thread,
 * waits of its own for the first byte and between pieces, and idle connections that cost nothing
 * (docs/adr/0001-gateway-http.md has the measurements). Thread-safe.
 */
public final class Upstream implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(50);

  private final Limits limits;
  private final SSLSocketFactory tls;
  private final ConcurrentMap<Origin, Idle> idle = new ConcurrentHashMap<>();
  private final Set<UpstreamCall> open = ConcurrentHashMap.newKeySet();
  private final Thread watch;
  private volatile boolean closed;

  /**
   * What is kept.
   *
   * @param idlePerOrigin most connections that rest
   * @param idleTime after which a resting one is closed
   */
  public record Limits(int idlePerOrigin, Duration idleTime) {
    public static final Limits DEFAULTS = new Limits(1024, Duration.ofSeconds(20));
  }

  /** Connections that rest; the size is counted beside, since the deque's own walks over it. */
  private record Idle(Deque<UpstreamConnection> connections, AtomicInteger size) {}

  /**
   * @param tls verifies who answers
   */
  public Upstream(Limits limits, SSLSocketFactory tls) {
    this.limits = limits;
    this.tls = tls;
    this.watch = Thread.ofVirtual().name("silent upstreams").start(this::watch);
  }

  /** With the trust store of this Java. */
  public static Upstream create() {
    return new Upstream(Limits.DEFAULTS, (SSLSocketFactory) SSLSocketFactory.getDefault());
  }

  /** A request that is to be sent; close it, whatever comes of it. */
  public UpstreamCall call(Origin origin, Patience patience) {
    var call = new UpstreamCall(this, origin, patience);
    open.add(call);
    if (closed) {
      call.cancel("the gateway is closed");
    }
    return call;
  }

  SSLSocketFactory tls() {
    return tls;
  }

  /** A connection that rests and is alive. */
  Optional<UpstreamConnection> rested(Origin origin) {
    Idle resting = idle.get(origin);
    if (resting == null) {
      return Optional.empty();
    }
    // The one used last: the others rest on, and go when there are too many of them.
    for (UpstreamConnection next = resting.connections.pollFirst();
        next != null;
        next = resting.connections.pollFirst()) {
      resting.size.decrementAndGet();
      if (next.alive()) {
        return Optional.of(next);
      }
      next.close();
    }
    return Optional.empty();
  }

  /** Takes back a connection whose answer was read to its end. */
  void rest(UpstreamConnection connection) {
    Idle resting =
        idle.computeIfAbsent(
            connection.origin(), _ -> new Idle(new ConcurrentLinkedDeque<>(), new AtomicInteger()));
    if (closed || resting.size.get() >= limits.idlePerOrigin) {
      connection.close();
      return;
    }
    connection.rests(System.nanoTime());
    resting.size.incrementAndGet();
    resting.connections.addFirst(connection);
  }

  void ended(UpstreamCall call) {
    open.remove(call);
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(TICK);
        long now = System.nanoTime();
        for (UpstreamCall call : open) {
          call.checkTime(now);
        }
        idle.values().forEach(resting -> expire(resting, now));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private void expire(Idle resting, long now) {
    for (UpstreamConnection last = resting.connections.peekLast();
        last != null && now - last.idleSince() > limits.idleTime.toNanos();
        last = resting.connections.peekLast()) {
      if (!resting.connections.removeLastOccurrence(last)) {
        return; // somebody was faster
      }
      resting.size.decrementAndGet();
      last.close();
    }
  }

  /** Connections that rest now. */
  public int resting() {
    return idle.values().stream().mapToInt(i -> i.size.get()).sum();
  }

  /** Requests under way. */
  public int underWay() {
    return open.size();
  }

  /** Breaks off what is still running. */
  @Override
  public void close() {
    closed = true;
    watch.interrupt();
    open.forEach(call -> call.cancel("the gateway is closed"));
    idle.values().forEach(i -> i.connections.forEach(UpstreamConnection::close));
  }
}
