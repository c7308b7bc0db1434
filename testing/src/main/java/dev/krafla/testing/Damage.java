package dev.krafla.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages bytes and text the way that breaks parsers: lengths, limits, borders, repetition. */
public final class Damage {
  private static final long[] NUMBERS = {
    0,
    1,
    2,
    3,
    7,
    255,
    256,
    65_535,
    65_536,
    10_000_000,
    Integer.MAX_VALUE - 1L,
    Integer.MAX_VALUE,
    1L << 31,
    0xFFFF_FFFFL,
    1L << 32,
    1L << 40,
    Long.MAX_VALUE - 7,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -2
  };
  private static final int MAX_PIECE = 64;

  private Damage() {}

  /** Numbers at which sizes and counts go wrong. */
  public static long number(SplittableRandom random) {
    return NUMBERS[random.nextInt(NUMBERS.length)];
  }

  /** {@code good} with one to four damages within its first {@code head} bytes; a new array. */
  public static byte[] bytes(byte[] good, int head, SplittableRandom random) {
    byte[] bad = good.clone();
    for (int i = 1 + random.nextInt(4); i > 0 && bad.length > 0; i--) {
      bad = damaged(bad, Math.min(head, bad.length), random);
    }
    return bad;
  }

  private static byte[] damaged(byte[] in, int head, SplittableRandom random) {
    int at = random.nextInt(head);
    int length = Math.min(random.nextInt(MAX_PIECE), in.length - at);
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(in, at); // cut short
      case 1 -> spliced(in, at, length, new byte[0]);
      case 2 -> spliced(in, at, 0, Arrays.copyOfRange(in, at, at + length));
      case 3 -> spliced(in, at, length, randomBytes(length, random));
      case 4 -> flipped(in, at, random);
      case 5 -> withNumber(in, at, Integer.BYTES, random);
      default -> withNumber(in, at, Long.BYTES, random);
    };
  }

  private static byte[] randomBytes(int length, SplittableRandom random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] flipped(byte[] in, int at, SplittableRandom random) {
    in[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
    return in;
  }

  private static byte[] withNumber(byte[] in, int at, int size, SplittableRandom random) {
    ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    number.putLong(number(random));
    System.arraycopy(number.array(), 0, in, at, Math.min(size, in.length - at));
    return in;
  }

  private static byte[] spliced(byte[] in, int at, int removed, byte[] inserted) {
    byte[] out = Arrays.copyOf(in, in.length - removed + inserted.length);
    System.arraycopy(inserted, 0, out, at, inserted.length);
    System.arraycopy(in, at + removed, out, at + inserted.length, in.length - at - removed);
    return out;
  }

  /**
   * {@code good} with one to four damages: pieces lost, doubled, moved, repeated many times, or
   * replaced by one of {@code spare}, which are the fragments that its grammar is made of.
   */
  public static String text(String good, List<String> spare, SplittableRandom random) {
    var bad = new StringBuilder(good);
    for (int i = 1 + random.nextInt(4); i > 0 && !bad.isEmpty(); i--) {
      int at = random.nextInt(bad.length());
      int to = Math.min(bad.length(), at + random.nextInt(MAX_PIECE));
      String piece = bad.substring(at, to);
      String other = spare.get(random.nextInt(spare.size()));
      switch (random.nextInt(9)) {
        case 0 -> bad.delete(at, to);
        case 1 -> bad.insert(random.nextInt(bad.length()), piece);
        case 2 -> bad.insert(at, piece.repeat(1 << random.nextInt(10)));
        case 3 -> bad.insert(at, other.repeat(1 << random.nextInt(12)));
        case 4 -> bad.setLength(at);
        case 5 -> bad.setCharAt(at, (char) random.nextInt(Character.MAX_VALUE)); // surrogates too
        case 6 -> bad.replace(at, to, other);
        default -> bad.insert(at, other);
      }
    }
    return bad.toString();
  }
}
