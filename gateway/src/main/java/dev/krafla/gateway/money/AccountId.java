package dev.krafla.gateway.money;

import dev.krafla.gateway.Caller;
import java.util.ArrayList;
import java.util.List;

/** One account of the ledger: a level and the store's id of who stands there. */
public record AccountId(Level level, long id) {
  /** All that a caller's requests are charged to, the widest first. */
  public static List<AccountId> of(Caller caller) {
    List<AccountId> path = new ArrayList<>(5);
    path.add(new AccountId(Level.ORGANISATION, caller.organisationId()));
    caller.teamId().ifPresent(id -> path.add(new AccountId(Level.TEAM, id)));
    caller.userId().ifPresent(id -> path.add(new AccountId(Level.USER, id)));
    caller.appId().ifPresent(id -> path.add(new AccountId(Level.APP, id)));
    path.add(new AccountId(Level.KEY, caller.keyId()));
    return List.copyOf(path);
  }

  @Override
  public String toString() {
    return level.lowerCase() + " " + id;
  }
}
