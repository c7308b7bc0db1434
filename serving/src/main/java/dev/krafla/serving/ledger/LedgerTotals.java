package dev.krafla.serving.ledger;

import java.math.BigDecimal;

/** Sums over entries. One thread. */
public final class LedgerTotals {
  private long requests;
  private long unfinished;
  private long promptTokens;
  private long memoryTokens;
  private long storeTokens;
  private long computedTokens;
  private long draftedTokens;
  private long acceptedTokens;
  private long outputTokens;
  private long queueNanos;
  private long computeNanos;
  private long bytesMoved;
  private BigDecimal euro = BigDecimal.ZERO;

  /** Of nothing yet. */
  public LedgerTotals() {}

  /** Adds one more. */
  public void add(LedgerEntry e) {
    requests++;
    unfinished += e.outcome().equals("finished") ? 0 : 1;
    promptTokens += e.promptTokens();
    memoryTokens += e.memoryTokens();
    storeTokens += e.storeTokens();
    computedTokens += e.computedTokens();
    draftedTokens += e.draftedTokens();
    acceptedTokens += e.acceptedTokens();
    outputTokens += e.outputTokens();
    queueNanos += e.queueNanos();
    computeNanos += e.computeNanos();
    bytesMoved += e.bytesMoved();
    euro = euro.add(e.euro());
  }

  /** Requests, however they ended. */
  public long requests() {
    return requests;
  }

  /** Of these, aborted, failed or shed. */
  public long unfinished() {
    return unfinished;
  }

  public long promptTokens() {
    return promptTokens;
  }

  /** Prompt tokens found in memory. */
  public long memoryTokens() {
    return memoryTokens;
  }

  /** Prompt tokens read from a store. */
  public long storeTokens() {
    return storeTokens;
  }

  public long computedTokens() {
    return computedTokens;
  }

  public long draftedTokens() {
    return draftedTokens;
  }

  public long acceptedTokens() {
    return acceptedTokens;
  }

  public long outputTokens() {
    return outputTokens;
  }

  public double queueSeconds() {
    return queueNanos / 1e9;
  }

  public double computeSeconds() {
    return computeNanos / 1e9;
  }

  public long computeNanos() {
    return computeNanos;
  }

  public long bytesMoved() {
    return bytesMoved;
  }

  public BigDecimal euro() {
    return euro;
  }

  /** Part of the prompts that was not computed, 0 to 1. */
  public double cachedShare() {
    return promptTokens == 0 ? 0 : (double) (memoryTokens + storeTokens) / promptTokens;
  }
}
