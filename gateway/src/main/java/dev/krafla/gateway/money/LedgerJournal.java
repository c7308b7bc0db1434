package dev.krafla.gateway.money;

/**
 * Where the ledger writes down what it is about to do, so that a process killed at any moment can
 * be taken up again. Called under the lock of the reservation's organisation: per organisation, the
 * order of calls is the order of what happened.
 */
public interface LedgerJournal {
  /** Keeps nothing: for a ledger that may forget. */
  LedgerJournal NONE =
      new LedgerJournal() {
        @Override
        public void reserved(Hold hold) {}

        @Override
        public void settled(Hold hold, Usage usage) {}

        @Override
        public void released(Hold hold) {}
      };

  /**
   * Before a request may be sent anywhere.
   *
   * @throws dev.krafla.gateway.GatewayRefusal when it cannot be written down; nothing is reserved
   *     then
   */
  void reserved(Hold hold);

  /** The request took {@code usage}. Never fails for want of room: {@link #reserved} kept some. */
  void settled(Hold hold, Usage usage);

  /** The request took nothing. As {@link #settled}. */
  void released(Hold hold);
}
