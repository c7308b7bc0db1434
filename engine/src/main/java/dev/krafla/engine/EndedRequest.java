package dev.krafla.engine;

import java.util.Locale;

/**
 * The account of a request that has ended, however it did. Over all of an engine's requests these
 * add up to its {@link EngineStats}: tokens exactly, compute time to the nanosecond.
 *
 * @param outcome how it ended
 * @param admitted whether it was let in; if not, nothing was computed for it
 * @param usage what it took
 */
public record EndedRequest(RequestTerms terms, Outcome outcome, boolean admitted, Usage usage) {
  /** How a request ended. */
  public enum Outcome {
    /** With all of its answers, or its embedding. */
    FINISHED,
    /** Its client left, or the engine was closed. */
    ABORTED,
    /** In an error of the engine. */
    FAILED,
    /** Refused while it waited: {@link DeadlineUnreachable}. */
    SHED;

    /** As metrics and the ledger write it: {@code finished}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
