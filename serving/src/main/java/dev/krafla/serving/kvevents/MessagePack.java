package dev.krafla.serving.kvevents;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads one value of MessagePack (its specification of 2017-08-09) from bytes that anybody may have
 * sent: what a header announces is checked against the bytes that follow before memory is taken for
 * it, and nesting has a limit. (msgpack-core reads through {@code sun.misc.Unsafe}, of which the
 * JVM warns whoever runs it.)
 */
final class MessagePack {
  private static final int MAX_DEPTH = 8;

  private final ByteBuffer in;

  private MessagePack(ByteBuffer in) {
    this.in = in;
  }

  /** A value. */
  sealed interface Value {
    /** Null, a boolean, or an extension type: nothing that an event needs. */
    record Other(boolean isNull) implements Value {}

    /** An integer; one of 64 unsigned bits keeps its bits. */
    record Whole(long value) implements Value {}

    record Real(double value) implements Value {}

    /** Text or bytes; not changed by anyone. */
    record Raw(byte[] bytes) implements Value {
      String text() {
        return new String(bytes, StandardCharsets.UTF_8);
      }
    }

    record Items(List<Value> values) implements Value {}

    /** Members in the order of the bytes; keys and values alternate. */
    record Members(List<Value> keysAndValues) implements Value {
      /** The value of the text key {@code name}. */
      Optional<Value> get(String name) {
        byte[] key = name.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < keysAndValues.size(); i += 2) {
          if (keysAndValues.get(i) instanceof Raw(byte[] bytes) && Arrays.equals(bytes, key)) {
            return Optional.of(keysAndValues.get(i + 1));
          }
        }
        return Optional.empty();
      }
    }
  }

  /**
   * The value at the beginning of {@code bytes}.
   *
   * @throws InvalidEvents when there is none
   */
  static Value read(byte[] bytes) {
    return new MessagePack(ByteBuffer.wrap(bytes)).value(0);
  }

  private Value value(int depth) {
    int head = Byte.toUnsignedInt(need(1).get());
    if (head < 0x80) {
      return new Value.Whole(head);
    }
    if (head >= 0xe0) {
      return new Value.Whole((byte) head);
    }
    if (head < 0x90) {
      return members(head & 0x0f, depth);
    }
    if (head < 0xa0) {
      return items(head & 0x0f, depth);
    }
    if (head < 0xc0) {
      return raw(head & 0x1f);
    }
    return switch (head) {
      case 0xc0 -> new Value.Other(true);
      case 0xc2, 0xc3 -> new Value.Other(false);
      case 0xc4, 0xd9 -> raw(unsigned(1));
      case 0xc5, 0xda -> raw(unsigned(2));
      case 0xc6, 0xdb -> raw(unsigned(4));
      case 0xc7, 0xc8, 0xc9 -> extension(unsigned(1 << (head - 0xc7)));
      case 0xca -> new Value.Real(need(4).getFloat());
      case 0xcb -> new Value.Real(need(8).getDouble());
      case 0xcc, 0xcd, 0xce -> new Value.Whole(unsigned(1 << (head - 0xcc)));
      case 0xcf, 0xd3 -> new Value.Whole(need(8).getLong());
      case 0xd0 -> new Value.Whole(need(1).get());
      case 0xd1 -> new Value.Whole(need(2).getShort());
      case 0xd2 -> new Value.Whole(need(4).getInt());
      case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8 -> extension(1L << (head - 0xd4));
      case 0xdc -> items(unsigned(2), depth);
      case 0xdd -> items(unsigned(4), depth);
      case 0xde -> members(unsigned(2), depth);
      case 0xdf -> members(unsigned(4), depth);
      default -> throw new InvalidEvents("no value of MessagePack begins with " + head);
    };
  }

  private ByteBuffer need(long bytes) {
    if (bytes > in.remaining()) {
      throw new InvalidEvents(
          "%,d bytes are announced at byte %,d and %,d follow"
              .formatted(bytes, in.position(), in.remaining()));
    }
    return in;
  }

  private long unsigned(int bytes) {
    need(bytes);
    return switch (bytes) {
      case 1 -> Byte.toUnsignedLong(in.get());
      case 2 -> Short.toUnsignedLong(in.getShort());
      default -> Integer.toUnsignedLong(in.getInt());
    };
  }

  private Value raw(long length) {
    need(length);
    byte[] bytes = new byte[Math.toIntExact(length)];
    in.get(bytes);
    return new Value.Raw(bytes);
  }

  private Value extension(long length) {
    need(length + 1); // its type goes first
    in.position(Math.toIntExact(in.position() + length + 1));
    return new Value.Other(false);
  }

  private Value items(long count, int depth) {
    return new Value.Items(values(count, depth));
  }

  private Value members(long count, int depth) {
    return new Value.Members(values(2 * count, depth));
  }

  private List<Value> values(long count, int depth) {
    need(count); // a value has one byte or more
    if (depth == MAX_DEPTH) {
      throw new InvalidEvents("a value is nested deeper than " + MAX_DEPTH);
    }
    List<Value> values = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      values.add(value(depth + 1));
    }
    return values;
  }
}
