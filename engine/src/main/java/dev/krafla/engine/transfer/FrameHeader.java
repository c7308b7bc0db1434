package dev.krafla.engine.transfer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What stands before the payload of every frame. Little-endian, 24 bytes:
 *
 * <pre>
 * 0   4 bytes "KVTF"
 * 4   int32 type: see {@link FrameType}
 * 8   int32 index: of a block, its place in the sequence; otherwise 0
 * 12  int32 length of the payload in bytes
 * 16  int32 CRC-32C of the payload
 * 20  int32 CRC-32C of the 20 bytes before
 * </pre>
 */
record FrameHeader(FrameType type, int index, int length, int payloadCrc) {
  static final int BYTES = 24;

  private static final int MAGIC = 0x4654564B; // "KVTF"
  private static final int CHECKED_BYTES = BYTES - Integer.BYTES;

  /** Writes itself to the next 24 bytes of {@code to}. */
  void write(ByteBuffer to) {
    int start = to.position();
    to.order(ByteOrder.LITTLE_ENDIAN);
    to.putInt(MAGIC).putInt(type.code()).putInt(index).putInt(length).putInt(payloadCrc);
    to.putInt(crc(to.slice(start, CHECKED_BYTES)));
  }

  /**
   * Reads the next 24 bytes of {@code from}.
   *
   * @throws TransferException when they are no header, or damaged
   */
  static FrameHeader read(ByteBuffer from) throws TransferException {
    int start = from.position();
    from.order(ByteOrder.LITTLE_ENDIAN);
    if (from.getInt() != MAGIC) {
      throw TransferException.protocol("a frame does not begin as one of a KV transfer does");
    }
    int code = from.getInt();
    int index = from.getInt();
    int length = from.getInt();
    int payloadCrc = from.getInt();
    if (from.getInt() != crc(from.slice(start, CHECKED_BYTES))) {
      throw new TransferException(
          TransferException.Reason.DAMAGED, "the header of a frame is damaged");
    }
    Optional<FrameType> type = FrameType.of(code);
    if (type.isEmpty() || index < 0 || length < 0) {
      throw TransferException.protocol(
          "a frame of type %d, index %d and length %d".formatted(code, index, length));
    }
    return new FrameHeader(type.get(), index, length, payloadCrc);
  }

  /** CRC-32C of what remains in {@code buffers}; their positions stay. */
  static int crc(ByteBuffer... buffers) {
    var crc = new CRC32C();
    for (ByteBuffer buffer : buffers) {
      crc.update(buffer.duplicate());
    }
    return (int) crc.getValue();
  }
}
