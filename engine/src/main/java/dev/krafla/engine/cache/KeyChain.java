package dev.krafla.engine.cache;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.kernels.KvCache;
import java.util.Arrays;

/**
 * The keys and tokens of a sequence's full blocks. Each key stands for its block's tokens and all
 * before them, and for everything else that the keys and values depend on (see {@link
 * PrefixHasher#root}). Equal keys mean equal content.
 */
public final class KeyChain {
  private final long rootHigh;
  private final long rootLow;
  private final int sharedBlocks; // whose keys do not depend on the owner
  private final KvKey owner; // tenant and salt, on which all other keys depend
  private long borderHigh; // what the key after the shared ones continues, once these are there
  private long borderLow;
  private long[] keys = new long[16]; // high, low by block
  private int[] tokens = new int[8 * KvCache.BLOCK_TOKENS]; // of the blocks
  private int size;

  /**
   * @param root what all keys depend on
   * @param owner what the keys after the first {@code sharedBlocks} depend on as well
   */
  KeyChain(KvKey root, int sharedBlocks, KvKey owner) {
    this.rootHigh = root.high();
    this.rootLow = root.low();
    this.sharedBlocks = sharedBlocks;
    this.owner = owner;
  }

  /** Whether the next key is the first that depends on the owner, and {@link #cross} is to come. */
  boolean atBorder() {
    return size == sharedBlocks && size > 0;
  }

  KvKey owner() {
    return owner;
  }

  /** Sets what the key after the shared ones continues: their last one and the owner. */
  void cross(KvKey border) {
    borderHigh = border.high();
    borderLow = border.low();
  }

  /** Blocks with a key. */
  public int size() {
    return size;
  }

  /** The key of {@code block} as stores know it. */
  public KvKey key(int block) {
    return new KvKey(high(block), low(block));
  }

  long high(int block) {
    assert block < size : "key " + block + " of " + size;
    return keys[2 * block];
  }

  long low(int block) {
    assert block < size : "key " + block + " of " + size;
    return keys[2 * block + 1];
  }

  /** What the key of {@code block}, which may be one past the last, continues. */
  long parentHigh(int block) {
    return block == 0 ? rootHigh : block == sharedBlocks ? borderHigh : high(block - 1);
  }

  long parentLow(int block) {
    return block == 0 ? rootLow : block == sharedBlocks ? borderLow : low(block - 1);
  }

  /** Writes the tokens of {@code block} to {@code to}, from {@code at} on. */
  void copyTokens(int block, int[] to, int at) {
    System.arraycopy(tokens, block * KvCache.BLOCK_TOKENS, to, at, KvCache.BLOCK_TOKENS);
  }

  /** Adds a block that holds the tokens of {@code from}, from {@code at} on. */
  void add(long high, long low, int[] from, int at) {
    if (2 * size == keys.length) {
      keys = Arrays.copyOf(keys, 4 * size);
    }
    if (size * KvCache.BLOCK_TOKENS == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * tokens.length);
    }
    System.arraycopy(from, at, tokens, size * KvCache.BLOCK_TOKENS, KvCache.BLOCK_TOKENS);
    keys[2 * size] = high;
    keys[2 * size + 1] = low;
    size++;
  }

  /** Whether both have a key for {@code block}, and it is the same. */
  public boolean sameAt(int block, KeyChain other) {
    return block < size
        && block < other.size
        && low(block) == other.low(block)
        && high(block) == other.high(block);
  }

  /** A chain that starts with the same keys and grows by itself. */
  public KeyChain copy() {
    var copy = new KeyChain(new KvKey(rootHigh, rootLow), sharedBlocks, owner);
    copy.borderHigh = borderHigh;
    copy.borderLow = borderLow;
    copy.keys = keys.clone();
    copy.tokens = tokens.clone();
    copy.size = size;
    return copy;
  }
}
