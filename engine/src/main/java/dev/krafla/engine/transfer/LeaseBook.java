package dev.krafla.engine.transfer;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The leases of one engine by their ids. The engine's thread writes; others read. Thread-safe. */
public final class LeaseBook {
  private final UUID engine = UUID.randomUUID();
  private final Map<UUID, Lease> leases = new ConcurrentHashMap<>();

  /** Empty, for a run of its own. */
  public LeaseBook() {}

  /** The engine's name for this run: a lease of an earlier run is none of this one. */
  public UUID engine() {
    return engine;
  }

  public void add(Lease lease) {
    leases.put(lease.id(), lease);
  }

  public void remove(Lease lease) {
    leases.remove(lease.id());
  }

  Optional<Lease> find(UUID ofEngine, UUID id) {
    return engine.equals(ofEngine) ? Optional.ofNullable(leases.get(id)) : Optional.empty();
  }
}
