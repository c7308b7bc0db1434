package dev.krafla.engine.constrain;

import java.util.Arrays;

/** A set of token ids, kept in whichever form is smaller. Immutable. */
sealed interface TokenSet {
  /** Bit by id. */
  record Dense(long[] bits) implements TokenSet {}

  /** The ids. */
  record Sparse(int[] ids) implements TokenSet {}

  /** The set of the bits set; takes {@code bits} over. */
  static TokenSet of(long[] bits) {
    int count = 0;
    for (long word : bits) {
      count += Long.bitCount(word);
    }
    if (count > bits.length / 2) {
      return new Dense(bits);
    }
    int[] ids = new int[count];
    int at = 0;
    for (int w = 0; w < bits.length; w++) {
      for (long rest = bits[w]; rest != 0; rest &= rest - 1) {
        ids[at++] = w << 6 | Long.numberOfTrailingZeros(rest);
      }
    }
    return new Sparse(ids);
  }

  /** Makes {@code bits} this set. */
  default void write(long[] bits) {
    switch (this) {
      case Dense(long[] own) -> {
        System.arraycopy(own, 0, bits, 0, own.length);
        Arrays.fill(bits, own.length, bits.length, 0);
      }
      case Sparse(int[] ids) -> {
        Arrays.fill(bits, 0);
        for (int id : ids) {
          bits[id >> 6] |= 1L << id;
        }
      }
    }
  }

  default boolean isEmpty() {
    return this instanceof Sparse(int[] ids) && ids.length == 0;
  }

  /** Memory it takes. */
  default long bytes() {
    return switch (this) {
      case Dense(long[] bits) -> 8L * bits.length;
      case Sparse(int[] ids) -> 4L * ids.length;
    };
  }
}
