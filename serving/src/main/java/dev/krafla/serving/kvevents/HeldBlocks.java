package dev.krafla.serving.kvevents;

import dev.krafla.serving.route.BlockKeys;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The blocks that a server has told it holds, and a router's keys for them. A router's blocks may
 * be smaller or larger than the server's: a key belongs to the server's block that its last token
 * is in. The same block may be stored several times, in several places; it is held until all are
 * removed. Not thread-safe.
 */
final class HeldBlocks {
  private static final long[] NO_KEYS = {};

  private final int routerBlockTokens;
  private final int maxBlocks;
  private final Map<EngineHash, Block> blocks = new HashMap<>();

  /** A block; {@code foreign} ones are told apart by more than tokens, and have no keys. */
  private static final class Block {
    final long chain; // at its end
    final long position; // tokens up to its end
    final boolean foreign;
    final long[] keys;
    int copies = 1;

    Block(long chain, long position, boolean foreign, long[] keys) {
      this.chain = chain;
      this.position = position;
      this.foreign = foreign;
      this.keys = keys;
    }
  }

  /**
   * @param routerBlockTokens tokens in a block of the router
   * @param maxBlocks most that are remembered
   */
  HeldBlocks(int routerBlockTokens, int maxBlocks) {
    this.routerBlockTokens = routerBlockTokens;
    this.maxBlocks = maxBlocks;
  }

  /** Server's blocks that are held. */
  int size() {
    return blocks.size();
  }

  /** Whether more are held than are to be remembered: {@link #clear} is due. */
  boolean tooMany() {
    return blocks.size() > maxBlocks;
  }

  /**
   * Notes blocks; those that follow one that is not known cannot be, and are left out.
   *
   * @return keys that are held now, in the order of the prompt
   */
  long[] stored(KvEvent.Stored event) {
    Block before = new Block(BlockKeys.ROOT, 0, false, NO_KEYS);
    if (event.parent().isPresent()) {
      Block parent = blocks.get(event.parent().get());
      if (parent == null) {
        return NO_KEYS;
      }
      before = parent;
    }
    long[] keys = NO_KEYS;
    for (int i = 0; i < event.hashes().size(); i++) {
      Block known = blocks.get(event.hashes().get(i));
      if (known == null) {
        known = after(before, event, i);
        blocks.put(event.hashes().get(i), known);
      } else {
        known.copies++;
      }
      keys = joined(keys, known.keys);
      before = known;
    }
    return keys;
  }

  private Block after(Block before, KvEvent.Stored event, int number) {
    if (before.foreign || !event.plain()) {
      return new Block(0, 0, true, NO_KEYS);
    }
    long chain = before.chain;
    long position = before.position;
    long[] keys = new long[event.blockTokens() / routerBlockTokens + 1];
    int count = 0;
    int from = number * event.blockTokens();
    for (int i = from; i < from + event.blockTokens(); i++) {
      chain = BlockKeys.next(chain, event.tokenIds()[i]);
      if (++position % routerBlockTokens == 0) {
        keys[count++] = chain;
      }
    }
    return new Block(chain, position, false, Arrays.copyOf(keys, count));
  }

  private static long[] joined(long[] first, long[] second) {
    long[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /**
   * Notes that blocks were removed.
   *
   * @return keys that are held no more
   */
  long[] removed(List<EngineHash> hashes) {
    long[] keys = NO_KEYS;
    for (EngineHash hash : hashes) {
      Block block = blocks.get(hash);
      if (block != null && --block.copies == 0) {
        blocks.remove(hash);
        keys = joined(keys, block.keys);
      }
    }
    return keys;
  }

  /** Forgets all. */
  void clear() {
    blocks.clear();
  }
}
