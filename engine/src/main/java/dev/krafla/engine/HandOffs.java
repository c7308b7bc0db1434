package dev.krafla.engine;

import dev.krafla.engine.cache.BlockPool;
import dev.krafla.engine.cache.BlockTable;
import dev.krafla.engine.transfer.HandOff;
import dev.krafla.engine.transfer.HandOffStats;
import dev.krafla.engine.transfer.KvIdentity;
import dev.krafla.engine.transfer.Lease;
import dev.krafla.engine.transfer.TransferConfig;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Prefill and decode apart, as far as this engine takes part in it: what it lends to other workers,
 * and what it fetches from them. Owned by the engine's thread, which never waits here.
 */
final class HandOffs {
  private final Optional<Lender> lender;
  private final Optional<Puller> puller;

  /**
   * @param config absent: the engine works alone
   * @param executor runs what waits for the network
   * @throws IllegalArgumentException when the address of the config cannot be listened at
   */
  HandOffs(
      Optional<TransferConfig> config,
      KvIdentity identity,
      BlockPool pool,
      ModelRunner runner,
      Mailbox mailbox,
      Executor executor) {
    lender =
        config
            .filter(c -> c.role().lends())
            .map(c -> new Lender(c, identity, pool, runner, mailbox));
    puller =
        config
            .filter(c -> c.role().pulls())
            .map(c -> new Puller(c, identity, runner, mailbox, executor));
  }

  // ---- what others fetch ----

  /** Whether another worker will go on with {@code s}. */
  static boolean lends(Sequence s) {
    return s.generation.request.handOff().orElse(null) instanceof HandOff.Lend;
  }

  /** Keeps the KV of those prompts whose end is reached, and with which another worker goes on. */
  void lend(List<Draw> draws, long now) {
    for (Draw draw : draws) {
      Sequence s = draw.sequence;
      boolean first = s.numDrawn() == 0 && s == s.generation.trunk() && !s.generation.ended;
      if (first && lends(s)) {
        lender.orElseThrow().lend(s, draw.logits(), now); // submit refuses where there is none
      }
    }
  }

  /** Ends the leases whose time is over. */
  void expire(long now) {
    lender.ifPresent(l -> l.expire(now));
  }

  /** When the next lease expires, on the engine's clock; {@link Lender#NEVER} where none will. */
  long nextExpiry() {
    return lender.map(Lender::nextExpiry).orElse(Lender.NEVER);
  }

  void vacated(Lease lease) {
    lender.ifPresent(l -> l.vacated(lease));
  }

  /** Ends the oldest lease; gives whether there was one. */
  boolean revokeOldest() {
    return lender.isPresent() && lender.get().revokeOldest();
  }

  /** What owns blocks for others. */
  List<BlockTable> tables() {
    return lender.map(Lender::tables).orElse(List.of());
  }

  // ---- what is fetched from others ----

  /** Whether the KV of {@code s} lies elsewhere, and nobody has tried to fetch it yet. */
  boolean wants(Sequence s) {
    return puller.isPresent() && puller.get().wants(s);
  }

  /** What {@code s}, which wants it, should fetch when {@code hits} of its blocks are in memory. */
  Load plan(Sequence s, int hits) {
    return puller.orElseThrow().plan(s, hits);
  }

  void ended(Pull pull) {
    puller.ifPresent(p -> p.ended(pull));
  }

  /** What lies elsewhere for {@code generation} will not be fetched, if it has not been. */
  void dismiss(Generation generation) {
    puller.ifPresent(p -> p.dismiss(generation));
  }

  // ---- what is known ----

  HandOffStats stats() {
    return lender.isEmpty() && puller.isEmpty()
        ? HandOffStats.NONE
        : new HandOffStats(
            lender.map(Lender::stats).orElse(HandOffStats.Lending.NONE),
            puller.map(Puller::stats).orElse(HandOffStats.Pulling.NONE));
  }

  /** Has fetches end soon, and waits until nobody reads the blocks, before their memory goes. */
  void close() {
    puller.ifPresent(Puller::close);
    lender.ifPresent(Lender::close);
  }
}
