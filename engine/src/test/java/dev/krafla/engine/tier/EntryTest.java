package dev.krafla.engine.tier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.tier.Entry.Kind;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EntryTest {
  private static final KvKey KEY = new KvKey(0x0123456789abcdefL, -42);
  private static final KvKey IDENTITY = new KvKey(7, 8);
  private static final int PAYLOAD = 300;

  private static byte[] entry() {
    byte[] bytes = new byte[Entry.HEADER_BYTES + PAYLOAD];
    new SplittableRandom(5).nextBytes(bytes);
    int crc = Entry.crc(ByteBuffer.wrap(bytes, Entry.HEADER_BYTES, PAYLOAD));
    Entry.writeHeader(ByteBuffer.wrap(bytes), Kind.BLOCK, KEY, IDENTITY, PAYLOAD, crc);
    return bytes;
  }

  private static boolean isSound(byte[] bytes, Kind kind, KvKey key, KvKey identity) {
    int split = Math.min(Entry.HEADER_BYTES, bytes.length);
    int middle = split + (bytes.length - split) / 3;
    ByteBuffer[] payload = {
      ByteBuffer.wrap(bytes, split, middle - split),
      ByteBuffer.wrap(bytes, middle, bytes.length - middle)
    };
    return Entry.isSound(ByteBuffer.wrap(bytes, 0, split), payload, kind, key, identity);
  }

  @Test
  void whatWasWrittenIsSoundForWhatItIsAndNothingElse() {
    byte[] bytes = entry();
    assertThat(isSound(bytes, Kind.BLOCK, KEY, IDENTITY)).isTrue();
    assertThat(isSound(bytes, Kind.LOGITS, KEY, IDENTITY)).isFalse();
    assertThat(isSound(bytes, Kind.BLOCK, new KvKey(KEY.high(), 0), IDENTITY)).isFalse();
    assertThat(isSound(bytes, Kind.BLOCK, new KvKey(0, KEY.low()), IDENTITY)).isFalse();
    assertThat(isSound(bytes, Kind.BLOCK, KEY, new KvKey(7, 9))).isFalse();
    assertThat(isSound(bytes, Kind.BLOCK, KEY, new KvKey(9, 8))).isFalse();
  }

  @Test
  void noFlippedBitIsOverlooked() {
    byte[] bytes = entry();
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(isSound(bytes, Kind.BLOCK, KEY, IDENTITY)).as("bit %d", bit).isFalse();
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  @Test
  void noLengthButTheRightOneIsSound() {
    byte[] bytes = entry();
    for (int length = 0; length < bytes.length + 50; length++) {
      assertThat(isSound(Arrays.copyOf(bytes, length), Kind.BLOCK, KEY, IDENTITY))
          .as("length %d", length)
          .isEqualTo(length == bytes.length);
    }
  }

  @Test
  void randomBytesAndRandomDamageAreNeverSound() {
    var random = new SplittableRandom(11);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = entry();
      if (i % 2 == 0) {
        random.nextBytes(bytes);
      } else {
        int from = random.nextInt(bytes.length);
        for (int at = from; at < Math.min(bytes.length, from + 1 + random.nextInt(80)); at++) {
          bytes[at] = (byte) random.nextInt();
        }
      }
      if (!Arrays.equals(bytes, entry())) {
        assertThat(isSound(bytes, Kind.BLOCK, KEY, IDENTITY)).as("case %d", i).isFalse();
      }
    }
  }
}
