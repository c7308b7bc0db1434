package dev.krafla.gateway.money;

import dev.krafla.gateway.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whom a request is charged to, by the store's ids. */
public record Payers(
    long organisationId,
    Optional<Long> teamId,
    Optional<Long> userId,
    Optional<Long> appId,
    long keyId) {
  public static Payers of(Caller caller) {
    return new Payers(
        caller.organisationId(), caller.teamId(), caller.userId(), caller.appId(), caller.keyId());
  }

  /** Their accounts, the widest first. */
  public List<AccountId> accounts() {
    List<AccountId> path = new ArrayList<>(5);
    path.add(new AccountId(Level.ORGANISATION, organisationId));
    teamId.ifPresent(id -> path.add(new AccountId(Level.TEAM, id)));
    userId.ifPresent(id -> path.add(new AccountId(Level.USER, id)));
    appId.ifPresent(id -> path.add(new AccountId(Level.APP, id)));
    path.add(new AccountId(Level.KEY, keyId));
    return List.copyOf(path);
  }
}
