package dev.krafla.engine.transfer;

import java.util.Locale;

/** What of a request a worker does, where several share the work. Each can do all of it alone. */
public enum TransferRole {
  /** Computes prompts for others, and goes on with those of others. */
  BOTH,
  /** Computes prompts for others. */
  PREFILL,
  /** Goes on where others have computed the prompt. */
  DECODE;

  /** Whether others may fetch KV from here. */
  public boolean lends() {
    return this != DECODE;
  }

  /** Whether it fetches KV from others. */
  public boolean pulls() {
    return this != PREFILL;
  }

  /** As the command line and metrics write it: {@code prefill}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
