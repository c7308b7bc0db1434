package dev.krafla.gateway.money;

import dev.krafla.gateway.Spending;
import java.time.Instant;
import java.util.Locale;

/**
 * What one request took: a row of the ledger.
 *
 * @param id never used twice in one database
 * @param at when it was reserved; the budgets of this moment pay for it, however long it runs
 * @param model as the client asked
 */
public record Usage(
    long id,
    Instant at,
    Instant settledAt,
    Payers payers,
    String model,
    Spending spent,
    Outcome outcome) {
  /** How a request ended, as far as money goes. */
  public enum Outcome {
    /** The upstream told what it took. */
    SETTLED,
    /**
     * The gateway was killed after it may have sent the request: it counts with the most that it
     * can have taken, until somebody tells what it did take.
     */
    UNRESOLVED;

    /** As in tables and on the wire. */
    public String lowerCase() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Prompt and completion together. */
  public long tokens() {
    return Math.addExact(spent.promptTokens(), spent.completionTokens());
  }
}
