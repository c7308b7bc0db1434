package dev.krafla.gateway.access;

import dev.krafla.gateway.Caller;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a key. The key itself is not: only its hash.
 *
 * @param caller who asks with it
 * @param hint its first characters, by which people tell keys apart
 * @param hash SHA-256 of the key
 * @param role in the admin API; a key without one may not use that
 * @param models it may use: public names, or beginnings that end in {@code *}; empty means all
 * @param networks it may come from; empty means all
 * @param expires when it stops to be good; also how the old key of a rotation ends
 */
public record ApiKey(
    Caller caller,
    String hint,
    KeyHash hash,
    Optional<Role> role,
    List<String> models,
    List<Network> networks,
    Instant created,
    Optional<Instant> expires,
    Optional<Instant> revoked) {
  public ApiKey {
    models = List.copyOf(models);
    networks = List.copyOf(networks);
  }

  /** Whether it may use a model. */
  public boolean allows(String model) {
    return models.isEmpty()
        || models.stream()
            .anyMatch(m ->
                m.endsWith("*")
                    ? model.startsWith(m.substring(0, m.length() - 1))
                    : m.equals(model));
  }

  /** Whether it may be used from an address. */
  public boolean allows(InetAddress from) {
    return networks.isEmpty() || networks.stream().anyMatch(n -> n.contains(from));
  }

  /** The same, good until then. */
  public ApiKey expiring(Instant at) {
    return new ApiKey(
        caller, hint, hash, role, models, networks, created, Optional.of(at), revoked);
  }

  /** The same, good no more. */
  public ApiKey revoked(Instant at) {
    return new ApiKey(
        caller, hint, hash, role, models, networks, created, expires, Optional.of(at));
  }
}
