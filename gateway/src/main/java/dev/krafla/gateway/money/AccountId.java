package dev.krafla.gateway.money;

/** One account of the ledger: a level and the store's id of who stands there. */
public record AccountId(Level level, long id) {
  @Override
  public String toString() {
    return level.lowerCase() + " " + id;
  }
}
