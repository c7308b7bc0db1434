package dev.krafla.gateway.access;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a new key shall be; see {@link ApiKey}. */
public record KeyRequest(
    String name,
    long organisationId,
    Optional<Long> teamId,
    Optional<Long> userId,
    Optional<Long> appId,
    Optional<Role> role,
    List<String> models,
    List<Network> networks,
    Optional<Instant> expires) {
  public KeyRequest {
    models = List.copyOf(models);
    networks = List.copyOf(networks);
  }

  /** One that may do everything an organisation may. */
  public static KeyRequest plain(String name, long organisationId) {
    return new KeyRequest(
        name,
        organisationId,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  public KeyRequest withRole(Role newRole) {
    return new KeyRequest(
        name,
        organisationId,
        teamId,
        userId,
        appId,
        Optional.of(newRole),
        models,
        networks,
        expires);
  }
}
