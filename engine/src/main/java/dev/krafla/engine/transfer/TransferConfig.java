package dev.krafla.engine.transfer;

import java.time.Duration;
import java.util.Optional;

/**
 * How a worker gives KV to others and fetches it from them. Start from {@link #of} and change what
 * differs.
 *
 * @param host address to listen at, where the role lends
 * @param port 0 for any free one
 * @param advertised the address by which others reach this worker; absent: {@code host}
 * @param key the fleet's secret
 * @param lease how long KV is kept for a worker that does not fetch it
 * @param leasedShare of the KV cache, what may be kept for others, above 0 up to 1; beyond that the
 *     oldest lease is ended
 * @param maxLeases most leases at a time, each with a row of logits; likewise
 * @param connect longest time to reach another worker and to agree with it
 * @param stall longest time in which a connection that should move does not
 * @param maxConnections most connections of others at a time; one more is refused
 */
public record TransferConfig(
    TransferRole role,
    String host,
    int port,
    Optional<String> advertised,
    TransferKey key,
    Duration lease,
    double leasedShare,
    int maxLeases,
    Duration connect,
    Duration stall,
    int maxConnections) {

  /**
   * On this machine only, any free port, without a secret; leases of a minute, half of the cache.
   */
  public static TransferConfig of(TransferRole role) {
    return new TransferConfig(
        role,
        "127.0.0.1",
        0,
        Optional.empty(),
        TransferKey.NONE,
        Duration.ofMinutes(1),
        0.5,
        128,
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        64);
  }

  public TransferConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port is %d; it must be 0 to 65535".formatted(port));
    }
    if (!(leasedShare > 0 && leasedShare <= 1)) {
      throw new IllegalArgumentException(
          "leasedShare is %s; it must be above 0, up to 1".formatted(leasedShare));
    }
    requirePositive("lease", lease);
    requirePositive("connect", connect);
    requirePositive("stall", stall);
    if (maxConnections < 1 || maxLeases < 1) {
      throw new IllegalArgumentException(
          "maxConnections is %d and maxLeases %d; both must be 1 or more"
              .formatted(maxConnections, maxLeases));
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException("%s is %s; it must be positive".formatted(name, value));
    }
  }

  /** Listens elsewhere. */
  public TransferConfig at(String newHost, int newPort, Optional<String> newAdvertised) {
    return new TransferConfig(
        role,
        newHost,
        newPort,
        newAdvertised,
        key,
        lease,
        leasedShare,
        maxLeases,
        connect,
        stall,
        maxConnections);
  }

  public TransferConfig withKey(TransferKey newKey) {
    return new TransferConfig(
        role,
        host,
        port,
        advertised,
        newKey,
        lease,
        leasedShare,
        maxLeases,
        connect,
        stall,
        maxConnections);
  }

  /** Another time to live for leases. */
  public TransferConfig withLease(Duration newLease) {
    return new TransferConfig(
        role,
        host,
        port,
        advertised,
        key,
        newLease,
        leasedShare,
        maxLeases,
        connect,
        stall,
        maxConnections);
  }

  /** Other limits for what is kept. */
  public TransferConfig withLeased(double newShare, int newMaxLeases) {
    return new TransferConfig(
        role,
        host,
        port,
        advertised,
        key,
        lease,
        newShare,
        newMaxLeases,
        connect,
        stall,
        maxConnections);
  }

  public TransferConfig withTimeouts(Duration newConnect, Duration newStall) {
    return new TransferConfig(
        role,
        host,
        port,
        advertised,
        key,
        lease,
        leasedShare,
        maxLeases,
        newConnect,
        newStall,
        maxConnections);
  }

  public TransferConfig withMaxConnections(int connections) {
    return new TransferConfig(
        role,
        host,
        port,
        advertised,
        key,
        lease,
        leasedShare,
        maxLeases,
        connect,
        stall,
        connections);
  }
}
