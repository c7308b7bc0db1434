package dev.krafla.serving.kvevents;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes MessagePack: null, strings, bytes, longs, doubles and lists. */
final class Packer {
  private Packer() {}

  static byte[] pack(@Nullable Object value) {
    var out = new ByteArrayOutputStream();
    write(value, out);
    return out.toByteArray();
  }

  private static void write(@Nullable Object value, ByteArrayOutputStream out) {
    switch (value) {
      case null -> out.write(0xc0);
      case String text -> raw(0xdb, text.getBytes(StandardCharsets.UTF_8), out);
      case byte[] bytes -> raw(0xc6, bytes, out);
      case Integer number -> number(0xd2, ByteBuffer.allocate(4).putInt(0, number), out);
      case Long number -> number(0xd3, ByteBuffer.allocate(8).putLong(0, number), out);
      case Double number -> number(0xcb, ByteBuffer.allocate(8).putDouble(0, number), out);
      case List<?> list -> {
        number(0xdd, ByteBuffer.allocate(4).putInt(0, list.size()), out);
        list.forEach(each -> write(each, out));
      }
      default -> throw new IllegalArgumentException("cannot write " + value);
    }
  }

  private static void raw(int head, byte[] bytes, ByteArrayOutputStream out) {
    number(head, ByteBuffer.allocate(4).putInt(0, bytes.length), out);
    out.writeBytes(bytes);
  }

  private static void number(int head, ByteBuffer number, ByteArrayOutputStream out) {
    byte[] bytes = new byte[number.capacity()];
    number.get(0, bytes);
    out.write(head);
    out.writeBytes(bytes);
  }
}
