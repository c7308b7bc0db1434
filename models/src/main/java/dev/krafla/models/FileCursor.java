package dev.krafla.models;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads little-endian values one after the other from a mapped file and never past its end. Every
 * failure is a {@link ModelFormatException} that names the file, the value and its offset.
 */
final class FileCursor {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment file;
  private final String name;
  private long position;

  FileCursor(MemorySegment file, String name, long position) {
    this.file = file;
    this.name = name;
    this.position = position;
  }

  long position() {
    return position;
  }

  long remaining() {
    return file.byteSize() - position;
  }

  int readInt(String what) {
    need(Integer.BYTES, what);
    int value = file.get(INT, position);
    position += Integer.BYTES;
    return value;
  }

  long readLong(String what) {
    need(Long.BYTES, what);
    long value = file.get(LONG, position);
    position += Long.BYTES;
    return value;
  }

  /**
   * A count of things that take at least {@code minBytes} each in the rest of the file, at most
   * {@code limit} of them: so whatever is allocated for them is justified by the file's size.
   */
  long readCount(String what, long minBytes, long limit) {
    long at = position;
    long count = readLong(what);
    long room = Math.min(remaining() / minBytes, limit);
    if (count < 0 || count > room) {
      throw broken(
          "%s at byte %d is %s, but there is room for at most %d"
              .formatted(what, at, Long.toUnsignedString(count), room));
    }
    return count;
  }

  /** UTF-8 text after its length; at most {@code limit} bytes. */
  String readString(String what, long limit) {
    int length = (int) readCount("length of " + what, 1, Math.min(limit, Integer.MAX_VALUE - 8));
    byte[] bytes = file.asSlice(position, length).toArray(ValueLayout.JAVA_BYTE);
    position += length;
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Passes over UTF-8 text and its length. */
  void skipString(String what) {
    skip(readCount("length of " + what, 1, Long.MAX_VALUE), what);
  }

  void skip(long bytes, String what) {
    need(bytes, what);
    position += bytes;
  }

  private void need(long bytes, String what) {
    if (bytes < 0 || bytes > remaining()) {
      throw broken(
          "%s at byte %d takes %s bytes, but the file ends at byte %d"
              .formatted(what, position, Long.toUnsignedString(bytes), file.byteSize()));
    }
  }

  /** An error that names the file and what to do. */
  ModelFormatException broken(String problem) {
    return new ModelFormatException(
        "%s: %s; the file is damaged or cut short, fetch it again".formatted(name, problem));
  }
}
