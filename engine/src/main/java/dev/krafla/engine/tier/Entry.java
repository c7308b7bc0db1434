package dev.krafla.engine.tier;

import dev.krafla.engine.kvstore.KvKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * An entry of a store as bytes: a header that says what it is, then the payload as it lies in
 * memory. Little-endian, 64 bytes:
 *
 * <pre>
 * 0   8 bytes "KRAFLAKV"
 * 8   int32 version
 * 12  int32 kind: 1 a block, 2 logits
 * 16  int64 high, int64 low: the key
 * 32  int64 high, int64 low: the identity of model, arithmetic and KV type
 * 48  int64 bytes of the payload
 * 56  int32 CRC-32C of the payload
 * 60  int32 CRC-32C of the 60 bytes before
 * </pre>
 *
 * <p>A block's payload is the block of every layer's slab, the first layer first, in the layout of
 * {@code KvCache}; logits are {@code float32[vocabSize]}.
 */
public final class Entry {
  /** Bytes before the payload. */
  public static final int HEADER_BYTES = 64;

  private static final long MAGIC = 0x564B414C4641524BL; // "KRAFLAKV"
  private static final int VERSION = 1;
  private static final int CHECKED_BYTES = HEADER_BYTES - Integer.BYTES;

  /** What an entry holds. */
  public enum Kind {
    BLOCK(1),
    LOGITS(2);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  private Entry() {}

  /** Writes the header of a payload of {@code bytes} bytes to the first 64 of {@code header}. */
  public static void writeHeader(
      ByteBuffer header, Kind kind, KvKey key, KvKey identity, long bytes, int payloadCrc) {
    ByteBuffer to = header.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    to.putLong(MAGIC).putInt(VERSION).putInt(kind.code);
    to.putLong(key.high()).putLong(key.low()).putLong(identity.high()).putLong(identity.low());
    to.putLong(bytes).putInt(payloadCrc);
    to.putInt(crc(header.slice(header.position(), CHECKED_BYTES)));
  }

  /**
   * Whether {@code header} and {@code payload} are, whole and undamaged, the entry that is meant.
   * Leaves the buffers' positions as they are.
   */
  public static boolean isSound(
      ByteBuffer header, ByteBuffer[] payload, Kind kind, KvKey key, KvKey identity) {
    if (header.remaining() != HEADER_BYTES) {
      return false;
    }
    ByteBuffer from = header.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    boolean meant =
        from.getLong() == MAGIC
            && from.getInt() == VERSION
            && from.getInt() == kind.code
            && from.getLong() == key.high()
            && from.getLong() == key.low()
            && from.getLong() == identity.high()
            && from.getLong() == identity.low()
            && from.getLong() == bytes(payload);
    if (!meant) {
      return false;
    }
    int payloadCrc = from.getInt();
    return from.getInt() == crc(header.slice(header.position(), CHECKED_BYTES))
        && payloadCrc == crc(payload);
  }

  /** CRC-32C of what remains in {@code buffers}; their positions stay. */
  public static int crc(ByteBuffer... buffers) {
    var crc = new CRC32C();
    for (ByteBuffer buffer : buffers) {
      crc.update(buffer.duplicate());
    }
    return (int) crc.getValue();
  }

  private static long bytes(ByteBuffer[] buffers) {
    long bytes = 0;
    for (ByteBuffer buffer : buffers) {
      bytes += buffer.remaining();
    }
    return bytes;
  }
}
