package dev.krafla.engine;

import static dev.krafla.engine.SequenceBlocks.blocksFor;
import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.transfer.HandOff;
import dev.krafla.engine.transfer.HandOffStats;
import dev.krafla.engine.transfer.KvIdentity;
import dev.krafla.engine.transfer.RemoteKv;
import dev.krafla.engine.transfer.TransferClient;
import dev.krafla.engine.transfer.TransferConfig;
import dev.krafla.engine.transfer.TransferException;
import dev.krafla.engine.transfer.TransferException.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Fetches the KV of prompts that other workers have computed, once for each request; where that
 * fails, the request is computed here like any other. Owned by the engine's thread, which never
 * waits here: a {@link Pull} runs on a thread of its own.
 */
final class Puller {
  private static final Logger LOG = System.getLogger(Puller.class.getName());

  private final TransferClient client;
  private final Pull.Context context;
  private final Executor executor;
  private final Map<Reason, Long> failures = new EnumMap<>(Reason.class);
  private long pulled;
  private long pulledTokens;
  private long receivedBytes;
  private Duration pullTime = Duration.ZERO;

  /**
   * @param executor runs what waits for the network
   */
  Puller(
      TransferConfig config,
      KvIdentity identity,
      ModelRunner runner,
      Mailbox mailbox,
      Executor executor) {
    this.client = new TransferClient(config, identity);
    this.context =
        new Pull.Context(
            client, runner::blockBuffers, runner.blockBytes(), identity.logitsBytes(), mailbox);
    this.executor = executor;
  }

  /** Whether the KV of its prompt lies elsewhere, and nobody has tried to fetch it yet. */
  boolean wants(Sequence s) {
    return untried(s.generation).isPresent() && s.numDrawn() == 0;
  }

  private static Optional<RemoteKv> untried(Generation generation) {
    return !generation.pullTried
            && generation.request.handOff().orElse(null) instanceof HandOff.Take(RemoteKv from)
        ? Optional.of(from)
        : Optional.empty();
  }

  /** What {@code s}, which wants it, should fetch when {@code hits} of its blocks are in memory. */
  Load plan(Sequence s, int hits) {
    RemoteKv remote = untried(s.generation).orElseThrow();
    int claimed = Math.min(blocksFor(s.numTokens()), remote.blocks().size());
    return new Pull(
        context,
        s,
        hits,
        Math.max(0, claimed - hits),
        remote,
        Objects.requireNonNull(s.generation.transferKey));
  }

  /** Notes how a fetch has ended. */
  void ended(Pull pull) {
    pulledTokens += Math.max(0, pull.soundTokens() - pull.from * BLOCK_TOKENS);
    receivedBytes += pull.bytes();
    pullTime = pullTime.plus(pull.took());
    Optional<TransferException> failure = pull.failure();
    if (failure.isEmpty()) {
      pulled++;
      return;
    }
    Reason reason = failure.get().reason();
    boolean isNew = failures.merge(reason, 1L, Long::sum) == 1;
    LOG.log(
        isNew && reason != Reason.CANCELLED ? Level.WARNING : Level.DEBUG,
        "The KV of a prompt did not come from {0} port {1} ({2}: {3}); it is computed here. Further"
            + " failures of this kind are only counted",
        pull.remote().host(),
        Integer.toString(pull.remote().port()),
        reason.label(),
        failure.get().getMessage());
    switch (reason) {
      case CANCELLED, DAMAGED, STALLED, PROTOCOL -> release(pull.remote());
      case UNREACHABLE, UNAUTHORIZED, MISMATCH, NO_LEASE, OTHER_PROMPT, BROKEN, BUSY -> {}
    }
  }

  /** Nobody will fetch what lies elsewhere for {@code generation}: lets the lender know. */
  void dismiss(Generation generation) {
    Optional<RemoteKv> remote = untried(generation);
    generation.pullTried = true;
    remote.ifPresent(this::release);
  }

  private void release(RemoteKv remote) {
    executor.execute(() -> {
      try {
        client.release(remote);
      } catch (TransferException e) {
        LOG.log(Level.DEBUG, "A lease could not be released, and will expire: {0}", e.toString());
      }
    });
  }

  /** What was fetched from others so far. */
  HandOffStats.Pulling stats() {
    return new HandOffStats.Pulling(pulled, pulledTokens, receivedBytes, pullTime, failures);
  }

  /** What is under way ends soon. */
  void close() {
    client.close();
  }
}
