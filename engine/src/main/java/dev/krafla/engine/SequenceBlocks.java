package dev.krafla.engine;

import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.cache.BlockPool;
import dev.krafla.engine.cache.BlockTable;
import java.util.List;
import java.util.Objects;

/**
 * What sequences own of the KV cache: takes blocks for them, finds and offers beginnings that
 * others share, and gives all of it back. Owned by the engine's thread.
 */
final class SequenceBlocks {
  /** Copies the KV of one block to another. */
  interface BlockCopy {
    void copy(int from, int to);
  }

  private final BlockPool pool;
  private final BlockCopy copier;
  private final KvTiers tiers;

  /**
   * @param tiers keep blocks that leave memory
   */
  SequenceBlocks(BlockPool pool, BlockCopy copier, KvTiers tiers) {
    this.pool = pool;
    this.copier = copier;
    this.tiers = tiers;
  }

  static int blocksFor(int tokens) {
    return (tokens + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
  }

  /** A hit never covers the last token: its logits have to be computed. */
  static int hitLimit(Sequence s) {
    return (s.numTokens() - 1) / BLOCK_TOKENS;
  }

  int free() {
    return pool.freeBlocks();
  }

  /** How many blocks of its beginning are in memory. */
  int countPrefix(Sequence s) {
    return s.keys == null ? 0 : pool.countPrefix(s.keys, hitLimit(s));
  }

  /** Gives {@code s} the blocks of its beginning that are in memory, and says how many. */
  int takePrefix(Sequence s) {
    return s.keys == null ? 0 : pool.acquirePrefix(s.keys, hitLimit(s), s.blocks);
  }

  /**
   * Lets {@code s}, which owns the blocks of its beginning that are in memory, go on with the first
   * tokens of a block that another has gone on with: copies it. Gives how many tokens that is, the
   * last of {@code s} never among them.
   */
  int takeContinuation(Sequence s) {
    int blocks = s.blocks.size();
    int from = blocks * BLOCK_TOKENS;
    int to = Math.min(from + BLOCK_TOKENS, s.numTokens() - 1);
    if (s.keys == null || from >= to) {
      return 0;
    }
    var lender = new BlockTable();
    int common = pool.acquireContinuation(s.keys, blocks, s.tokens(), from, to, lender);
    if (common > 0 && pool.allocate(s.blocks, 1)) {
      copier.copy(lender.get(0), s.blocks.get(blocks));
    } else {
      common = 0;
    }
    pool.release(lender);
    return common;
  }

  /** Lets the tiers below know that the beginning which {@code s} took is in use. */
  void touchPrefix(Sequence s) {
    if (s.keys != null) {
      tiers.keep(s.keys, s.blocks, 0, s.blocks.size());
    }
  }

  /** Gives {@code s} blocks for its first {@code tokens} tokens, if there are enough. */
  boolean cover(Sequence s, int tokens) {
    int missing = blocksFor(tokens) - s.blocks.size();
    return missing <= 0 || pool.allocate(s.blocks, missing);
  }

  /** Takes all blocks from {@code s}. */
  void giveUp(Sequence s) {
    pool.release(s.blocks);
    s.numComputed = 0;
    s.numPublished = 0;
  }

  /** The full blocks that {@code s} has computed can be found from now on. */
  void publishComputed(Sequence s) {
    if (s.keys == null) {
      return;
    }
    int full = Math.min(s.numComputed / BLOCK_TOKENS, s.keys.size());
    int first = s.numPublished;
    while (s.numPublished < full) {
      pool.publish(s.blocks, s.numPublished++, s.keys);
    }
    if (first < full) {
      tiers.keep(s.keys, s.blocks, first, full);
    }
  }

  /** The blocks that {@code load} has read can be found from now on, in nearer stores too. */
  void publishLoaded(Load load) {
    Sequence s = load.sequence;
    int full = s.keys == null ? 0 : Math.min(load.soundTokens() / BLOCK_TOKENS, s.keys.size());
    for (int i = load.from; i < full; i++) {
      pool.publish(s.blocks, i, Objects.requireNonNull(s.keys));
    }
    if (load.from < full) {
      tiers.keep(Objects.requireNonNull(s.keys), s.blocks, load.from, full);
    }
  }

  /**
   * Lets {@code branch} begin with what {@code trunk} has computed: full blocks are shared, the
   * last one is copied. Gives whether there was room for it; if not, nothing has changed.
   */
  boolean share(Sequence trunk, Sequence branch) {
    int full = trunk.numComputed / BLOCK_TOKENS;
    boolean partial = trunk.numComputed % BLOCK_TOKENS != 0;
    if (pool.freeBlocks() < (partial ? 1 : 0)) {
      return false;
    }
    pool.share(trunk.blocks, full, branch.blocks);
    if (partial) {
      boolean allocated = pool.allocate(branch.blocks, 1);
      assert allocated : "a free block was there";
      copier.copy(trunk.blocks.get(full), branch.blocks.get(full));
    }
    branch.numComputed = trunk.numComputed;
    branch.numPublished = Math.min(full, trunk.numPublished);
    return true;
  }

  /** As {@link BlockPool#checkIntegrity}, of tables that own blocks. */
  void checkIntegrity(List<BlockTable> owners) {
    pool.checkIntegrity(owners);
  }
}
