package dev.krafla.gateway.access;

import dev.krafla.gateway.money.AccountId;
import dev.krafla.gateway.money.Level;
import java.time.Instant;
import java.util.Optional;

/**
 * A team, person or app of an organisation.
 *
 * @param level which of the three
 * @param role of a person
 */
public record Member(
    Level level, long id, long organisationId, String name, Optional<Role> role, Instant created) {
  public AccountId account() {
    return new AccountId(level, id);
  }
}
