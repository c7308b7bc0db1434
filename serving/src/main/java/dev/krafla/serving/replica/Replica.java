package dev.krafla.serving.replica;

import dev.krafla.serving.kvevents.KvEventFeed;
import java.util.Optional;
import java.util.OptionalInt;

/** A replica and what is known of it now. Thread-safe. */
public final class Replica {
  private final ReplicaSpec spec;
  private final Optional<String> key;
  private final Circuit circuit;
  private volatile ReplicaHealth health = ReplicaHealth.NOT_SEEN;
  private volatile OptionalInt number = OptionalInt.empty(); // in the router, once it was ready
  private Optional<KvEventFeed> events = Optional.empty(); // guarded by this

  Replica(ReplicaSpec spec, Optional<String> key, Circuit circuit) {
    this.spec = spec;
    this.key = key;
    this.circuit = circuit;
  }

  /** As its operator describes it. */
  public ReplicaSpec spec() {
    return spec;
  }

  /** The key that it asks for; never to be shown. */
  public Optional<String> key() {
    return key;
  }

  public Circuit circuit() {
    return circuit;
  }

  /** What the last look said. */
  public ReplicaHealth health() {
    return health;
  }

  void health(ReplicaHealth seen) {
    health = seen;
  }

  OptionalInt number() {
    return number;
  }

  void number(OptionalInt inRouter) {
    number = inRouter;
  }

  /** Listens to its events with {@code feed}, and no more with the one before. */
  synchronized void events(Optional<KvEventFeed> feed) {
    events.ifPresent(KvEventFeed::close);
    events = feed;
  }

  /** Whether it serves {@code model}. */
  public boolean serves(String model) {
    return health.models().contains(model);
  }

  /** Whether a request may be sent to it now. */
  public boolean takesRequests() {
    return health.ready() && circuit.admits();
  }

  @Override
  public String toString() {
    return spec.name();
  }
}
