package dev.krafla.gateway;

/**
 * What was set aside for one request. Settled once with what it really took; closed without that,
 * all is given back. Both may be called from any thread, and a second call does nothing.
 */
public interface Reservation extends AutoCloseable {
  /** Takes what was spent and gives back the rest. */
  void settle(Spending spent);

  /** What the ledger calls it, unlike all others; 0 where nobody keeps a ledger. */
  default long id() {
    return 0;
  }

  /** Gives all back unless it was settled. */
  @Override
  void close();
}
