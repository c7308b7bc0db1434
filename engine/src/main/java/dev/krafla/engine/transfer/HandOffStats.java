package dev.krafla.engine.transfer;

import dev.krafla.engine.transfer.TransferException.Reason;
import java.time.Duration;
import java.util.Map;

/** What an engine has kept for other workers and fetched from them since its start. */
public record HandOffStats(Lending lending, Pulling pulling) {
  /** Of an engine that works alone. */
  public static final HandOffStats NONE = new HandOffStats(Lending.NONE, Pulling.NONE);

  /**
   * What was kept for others.
   *
   * @param lent prompts whose KV was kept for another worker
   * @param acknowledged leases that ended because the other had what it wanted
   * @param expired leases that ended because nobody came in time
   * @param revoked leases that ended because others needed the room
   * @param openLeases that hold blocks now
   * @param leasedBlocks references that they hold to blocks
   * @param sentBytes bytes of KV and logits that went to others
   * @param refused connections and requests of others that were refused
   */
  public record Lending(
      long lent,
      long acknowledged,
      long expired,
      long revoked,
      int openLeases,
      int leasedBlocks,
      long sentBytes,
      long refused) {
    public static final Lending NONE = new Lending(0, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * What was fetched from others.
   *
   * @param pulled prompts whose KV came whole
   * @param tokens whose KV came, those of broken transfers included
   * @param bytes of KV and logits that came
   * @param time that this took, summed over transfers that may have run beside each other
   * @param failures transfers that broke or were refused, by reason; what did not come was computed
   */
  public record Pulling(
      long pulled, long tokens, long bytes, Duration time, Map<Reason, Long> failures) {
    public static final Pulling NONE = new Pulling(0, 0, 0, Duration.ZERO, Map.of());

    public Pulling {
      failures = Map.copyOf(failures);
    }
  }
}
