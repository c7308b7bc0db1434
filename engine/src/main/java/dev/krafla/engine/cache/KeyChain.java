package dev.krafla.engine.cache;

import dev.krafla.engine.kvstore.KvKey;
import java.util.Arrays;

/**
 * The keys of a sequence's full blocks: each stands for its block's tokens and all before them, and
 * for everything else that the keys and values depend on (see {@link PrefixHasher#root}). Equal
 * keys mean equal content.
 */
public final class KeyChain {
  private final long rootHigh;
  private final long rootLow;
  private final int sharedBlocks; // whose keys do not depend on the owner
  private final KvKey owner; // tenant and salt, on which all other keys depend
  private long borderHigh; // what the key after the shared ones continues, once these are there
  private long borderLow;
  private long[] keys = new long[16]; // high, low by block
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

  long lastHigh() {
    return atBorder() ? borderHigh : size == 0 ? rootHigh : high(size - 1);
  }

  long lastLow() {
    return atBorder() ? borderLow : size == 0 ? rootLow : low(size - 1);
  }

  void add(long high, long low) {
    if (2 * size == keys.length) {
      keys = Arrays.copyOf(keys, 4 * size);
    }
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
    copy.size = size;
    return copy;
  }
}
