package dev.krafla.engine.cache;

import java.util.Arrays;

/**
 * Counts the references to every block. A block without references is on the free list, from which
 * blocks are taken: first those whose content nobody can use, then those of the prefix index, least
 * recently used first. A block that is taken leaves the index.
 *
 * <p>Struct of arrays, no object per block; owned by the engine's thread.
 */
public final class BlockPool {
  private final int numBlocks;
  private final int[] refCount;
  private final int[] prev; // free list, circular through the sentinel numBlocks
  private final int[] next;
  private final PrefixIndex index;
  private final Continuations continuations; // of the blocks of the index
  private int free;

  public BlockPool(int numBlocks) {
    if (numBlocks < 1) {
      throw new IllegalArgumentException("numBlocks=%d; must be positive".formatted(numBlocks));
    }
    this.numBlocks = numBlocks;
    this.refCount = new int[numBlocks];
    this.prev = new int[numBlocks + 1];
    this.next = new int[numBlocks + 1];
    this.index = new PrefixIndex(numBlocks);
    this.continuations = new Continuations(numBlocks);
    for (int i = 0; i <= numBlocks; i++) {
      next[i] = i == numBlocks ? 0 : i + 1;
      prev[i] = i == 0 ? numBlocks : i - 1;
    }
    free = numBlocks;
  }

  public int numBlocks() {
    return numBlocks;
  }

  /** Blocks without references; those of the prefix index among them may be taken too. */
  public int freeBlocks() {
    return free;
  }

  /** Blocks whose content can be found by its key. */
  public int indexedBlocks() {
    return index.size();
  }

  /** Appends {@code count} new blocks to {@code table}; all or, when too few are free, none. */
  public boolean allocate(BlockTable table, int count) {
    if (count > free) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      int block = next[numBlocks];
      forget(block);
      unlink(block);
      refCount[block] = 1;
      table.append(block);
    }
    return true;
  }

  /**
   * Appends to {@code table} the longest run of blocks that hold the beginning of {@code keys}, at
   * most {@code maxBlocks}, and holds on to them. Comes before anything is allocated for the same
   * sequence, or the allocation could take them.
   */
  public int acquirePrefix(KeyChain keys, int maxBlocks, BlockTable table) {
    assert table.size() == 0 : "hits come first";
    int limit = Math.min(keys.size(), maxBlocks);
    int hits = 0;
    for (; hits < limit; hits++) {
      int block = index.find(keys.high(hits), keys.low(hits));
      if (block == PrefixIndex.ABSENT) {
        break;
      }
      retain(block);
      table.append(block);
    }
    return hits;
  }

  /**
   * Appends to the empty {@code lender} a block that comes after the first {@code blocks} of {@code
   * keys} and begins as {@code tokens[from … to)} do, and holds on to it. Gives how many of these
   * tokens it begins with; 0 where there is no such block, and {@code lender} stays empty.
   */
  public int acquireContinuation(
      KeyChain keys, int blocks, int[] tokens, int from, int to, BlockTable lender) {
    int block = continuations.find(keys, blocks, tokens, from, to);
    if (block == Continuations.ABSENT) {
      return 0;
    }
    retain(block);
    lender.append(block);
    return continuations.common(block, tokens, from, to);
  }

  /** How many blocks {@link #acquirePrefix} would find now. Changes nothing. */
  public int countPrefix(KeyChain keys, int maxBlocks) {
    int limit = Math.min(keys.size(), maxBlocks);
    int hits = 0;
    while (hits < limit && index.find(keys.high(hits), keys.low(hits)) != PrefixIndex.ABSENT) {
      hits++;
    }
    return hits;
  }

  /**
   * Appends the first {@code count} blocks of {@code from} to the empty {@code to}: both own them.
   */
  public void share(BlockTable from, int count, BlockTable to) {
    assert to.size() == 0 : "a shared beginning comes first";
    for (int i = 0; i < count; i++) {
      retain(from.get(i));
      to.append(from.get(i));
    }
  }

  /**
   * Lets others find the {@code i}-th block of {@code table}, which is full and written, by {@code
   * keys}. Does nothing where an equal block is there already.
   */
  public void publish(BlockTable table, int i, KeyChain keys) {
    int block = table.get(i);
    assert refCount[block] > 0 : "block " + block + " has no owner";
    if (!index.contains(block) && index.find(keys.high(i), keys.low(i)) == PrefixIndex.ABSENT) {
      index.put(block, keys.high(i), keys.low(i));
      continuations.put(block, keys, i);
    }
  }

  /**
   * Gives back all blocks of {@code table}, the last first, so that of a prefix the end is taken
   * again before its beginning. Leaves the table empty: a second call does nothing.
   */
  public void release(BlockTable table) {
    while (table.size() > 0) {
      int block = table.removeLast();
      assert refCount[block] > 0 : "block " + block + " released twice";
      if (--refCount[block] == 0) {
        // What nobody can find goes to the head, to be taken first.
        link(block, index.contains(block) ? prev[numBlocks] : numBlocks);
      }
    }
  }

  /** Forgets every cached prefix; blocks in use stay in use. */
  public void clearIndex() {
    for (int block = 0; block < numBlocks; block++) {
      forget(block);
    }
  }

  private void forget(int block) {
    if (index.contains(block)) {
      index.remove(block);
      continuations.remove(block);
    }
  }

  private void retain(int block) {
    if (refCount[block]++ == 0) {
      unlink(block);
    }
  }

  private void unlink(int block) {
    next[prev[block]] = next[block];
    prev[next[block]] = prev[block];
    free--;
  }

  private void link(int block, int after) {
    prev[block] = after;
    next[block] = next[after];
    prev[next[after]] = block;
    next[after] = block;
    free++;
  }

  /**
   * Checks the pool against the tables that own its blocks: every reference is counted, a block is
   * free if and only if nobody owns it, and free and used blocks make up all. O(blocks).
   *
   * @throws IllegalStateException naming the first block that is wrong
   */
  public void checkIntegrity(Iterable<BlockTable> owners) {
    int[] owned = new int[numBlocks];
    for (BlockTable table : owners) {
      for (int i = 0; i < table.size(); i++) {
        owned[table.get(i)]++;
      }
    }
    boolean[] listed = new boolean[numBlocks];
    int listLength = 0;
    for (int b = next[numBlocks]; b != numBlocks; b = next[b]) {
      require(!listed[b] && prev[next[b]] == b, "the free list is broken at block ", b);
      listed[b] = true;
      listLength++;
    }
    for (int b = 0; b < numBlocks; b++) {
      require(refCount[b] == owned[b], "references and owners differ at block ", b);
      require(listed[b] == (refCount[b] == 0), "free list and references differ at block ", b);
    }
    long used = Arrays.stream(refCount).filter(n -> n > 0).count();
    require(listLength == free && free + used == numBlocks, "free + used ≠ all; free: ", free);
  }

  private static void require(boolean holds, String message, int value) {
    if (!holds) {
      throw new IllegalStateException(message + value);
    }
  }
}
