package dev.krafla.engine;

import static dev.krafla.engine.SequenceBlocks.blocksFor;

import dev.krafla.engine.cache.BlockPool;
import dev.krafla.engine.cache.BlockTable;
import dev.krafla.engine.transfer.HandOffStats;
import dev.krafla.engine.transfer.KvIdentity;
import dev.krafla.engine.transfer.Lease;
import dev.krafla.engine.transfer.Lease.End;
import dev.krafla.engine.transfer.LeaseBook;
import dev.krafla.engine.transfer.RemoteKv;
import dev.krafla.engine.transfer.TransferConfig;
import dev.krafla.engine.transfer.TransferServer;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Keeps the KV of prompts that other workers will go on with, in leases: until the other has
 * fetched it, the lease has expired, or the room is needed here. Owned by the engine's thread,
 * which never waits here: the server's threads send.
 */
final class Lender {
  /** There is no lease that could expire. */
  static final long NEVER = Long.MAX_VALUE;

  private final TransferConfig config;
  private final BlockPool pool;
  private final ModelRunner runner;
  private final Mailbox mailbox;
  private final int vocabSize;
  private final int maxLeasedBlocks;
  private final LeaseBook book = new LeaseBook();
  private final TransferServer server;
  private final String address;
  private final Set<Lease> leases = new LinkedHashSet<>(); // oldest first; until they are vacated
  private final ArrayDeque<MemorySegment> spareLogits = new ArrayDeque<>();
  private int leasedBlocks; // of these
  private long lent;
  private long acknowledged;
  private long expired;
  private long revoked;

  /**
   * @throws IllegalArgumentException when the address of {@code config} cannot be listened at
   */
  Lender(
      TransferConfig config,
      KvIdentity identity,
      BlockPool pool,
      ModelRunner runner,
      Mailbox mailbox) {
    this.config = config;
    this.pool = pool;
    this.runner = runner;
    this.mailbox = mailbox;
    this.vocabSize = identity.logitsBytes() / Float.BYTES;
    this.maxLeasedBlocks = (int) (config.leasedShare() * pool.numBlocks());
    this.address = address(config);
    this.server = TransferServer.start(config, identity, book, runner::blockBuffers);
  }

  /** By which others reach it: of "everywhere" the address that this machine's name has. */
  private static String address(TransferConfig config) {
    try {
      boolean everywhere = InetAddress.getByName(config.host()).isAnyLocalAddress();
      return config
          .advertised()
          .orElse(everywhere ? InetAddress.getLocalHost().getHostAddress() : config.host());
    } catch (UnknownHostException e) {
      return config.host(); // good enough for others on this machine
    }
  }

  /**
   * Keeps what {@code s} has computed of its prompt, and tells its stream where it lies.
   *
   * @param logits at the prompt's end; copied
   * @param now nanoseconds, on the engine's clock
   */
  void lend(Sequence s, MemorySegment logits, long now) {
    int blocks = blocksFor(s.numComputed);
    makeRoom(blocks);
    MemorySegment copy =
        spareLogits.isEmpty() ? runner.allocate(1, vocabSize).data() : spareLogits.removeLast();
    copy.copyFrom(logits);
    var table = new BlockTable();
    pool.share(s.blocks, blocks, table);
    var lease =
        new Lease(
            Objects.requireNonNull(s.generation.transferKey),
            s.numComputed,
            table,
            copy,
            now + config.lease().toNanos(),
            l -> mailbox.post(new Command.LeaseVacated(l)));
    leases.add(lease);
    leasedBlocks += blocks;
    lent++;
    book.add(lease);
    s.generation.stream.lent(where(lease));
  }

  /** Ends the oldest leases; one that is read just now holds its blocks a little longer. */
  private void makeRoom(int blocks) {
    List<Lease> open = leases.stream().filter(lease -> lease.end().isEmpty()).toList();
    int tooMany = open.size() - config.maxLeases() + 1;
    int tooMuch = open.stream().mapToInt(Lease::numBlocks).sum() + blocks - maxLeasedBlocks;
    for (Lease lease : open) {
      if (tooMany <= 0 && tooMuch <= 0) {
        return;
      }
      lease.close(End.REVOKED);
      tooMany--;
      tooMuch -= lease.numBlocks();
    }
  }

  private RemoteKv where(Lease lease) {
    var numbers = new ArrayList<Integer>(lease.numBlocks());
    for (int i = 0; i < lease.numBlocks(); i++) {
      numbers.add(lease.block(i));
    }
    return new RemoteKv(book.engine(), lease.id(), address, server.port(), numbers);
  }

  /** Nobody reads {@code lease} any more, nor will: its blocks are free. */
  void vacated(Lease lease) {
    if (!leases.remove(lease)) {
      return;
    }
    book.remove(lease);
    leasedBlocks -= lease.numBlocks();
    pool.release(lease.blocks());
    spareLogits.add(lease.logits());
    switch (lease.end().orElseThrow()) {
      case ACKNOWLEDGED -> acknowledged++;
      case EXPIRED -> expired++;
      case REVOKED -> revoked++;
    }
  }

  /** Ends the leases whose time is over. */
  void expire(long now) {
    for (Lease lease : leases) { // all live equally long
      if (lease.expiresNanos() > now) {
        return;
      }
      lease.close(End.EXPIRED);
    }
  }

  /** When the next lease expires that has not ended yet, on the engine's clock. */
  long nextExpiry() {
    return leases.stream()
        .filter(lease -> lease.end().isEmpty())
        .mapToLong(Lease::expiresNanos)
        .findFirst()
        .orElse(NEVER);
  }

  /** Ends the oldest lease that has not ended yet; gives whether there was one. */
  boolean revokeOldest() {
    return leases.stream().anyMatch(lease -> lease.close(End.REVOKED));
  }

  /** What owns blocks here. */
  List<BlockTable> tables() {
    return leases.stream().map(Lease::blocks).toList();
  }

  /** What was kept for others so far. */
  HandOffStats.Lending stats() {
    return new HandOffStats.Lending(
        lent,
        acknowledged,
        expired,
        revoked,
        leases.size(),
        leasedBlocks,
        server.sentBytes(),
        server.refused());
  }

  /** Waits until nobody reads the blocks, before their memory goes. */
  void close() {
    server.close();
  }
}
