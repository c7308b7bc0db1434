package dev.krafla.models;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes small GGUF v3 files for tests, from the specification. */
final class GgufWriter {
  private static final int ALIGNMENT = 32;

  private record Tensor(String name, int ggmlType, long[] dimensions, byte[] data) {}

  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final List<Tensor> tensors = new ArrayList<>();

  /** Value: Integer (uint32), Long (uint64), Float, Boolean, String, int[], float[] or String[]. */
  GgufWriter put(String key, Object value) {
    metadata.put(key, value);
    return this;
  }

  /** Keys so far. */
  List<String> keys() {
    return List.copyOf(metadata.keySet());
  }

  /** {@code dimensions} in file order: the length of a row first. */
  GgufWriter tensor(String name, int ggmlType, byte[] data, long... dimensions) {
    tensors.add(new Tensor(name, ggmlType, dimensions.clone(), data.clone()));
    return this;
  }

  void write(Path path) throws IOException {
    Files.write(path, bytes());
  }

  byte[] bytes() {
    Sink out = new Sink();
    out.bytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    out.int32(3);
    out.int64(tensors.size());
    out.int64(metadata.size());
    metadata.forEach((key, value) -> {
      out.string(key);
      out.value(value);
    });
    long offset = 0;
    for (Tensor tensor : tensors) {
      out.string(tensor.name);
      out.int32(tensor.dimensions.length);
      for (long d : tensor.dimensions) {
        out.int64(d);
      }
      out.int32(tensor.ggmlType);
      out.int64(offset);
      offset += Math.ceilDiv((long) tensor.data.length, ALIGNMENT) * ALIGNMENT;
    }
    for (Tensor tensor : tensors) {
      out.pad();
      out.bytes(tensor.data);
    }
    return out.bytes.toByteArray();
  }

  private static final class Sink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void bytes(byte[] value) {
      bytes.writeBytes(value);
    }

    void int32(int value) {
      bytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    void int64(long value) {
      bytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    }

    void string(String value) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      int64(utf8.length);
      bytes(utf8);
    }

    void pad() {
      while (bytes.size() % ALIGNMENT != 0) {
        bytes.write(0);
      }
    }

    void value(Object value) {
      switch (value) {
        case Integer i -> {
          int32(4);
          int32(i);
        }
        case Long l -> {
          int32(10);
          int64(l);
        }
        case Float f -> {
          int32(6);
          int32(Float.floatToRawIntBits(f));
        }
        case Boolean b -> {
          int32(7);
          bytes.write(b ? 1 : 0);
        }
        case String s -> {
          int32(8);
          string(s);
        }
        case int[] ints -> {
          array(5, ints.length);
          for (int i : ints) {
            int32(i);
          }
        }
        case float[] floats -> {
          array(6, floats.length);
          for (float f : floats) {
            int32(Float.floatToRawIntBits(f));
          }
        }
        case String[] strings -> {
          array(8, strings.length);
          for (String s : strings) {
            string(s);
          }
        }
        default -> throw new IllegalArgumentException("metadata of " + value.getClass());
      }
    }

    private void array(int type, int length) {
      int32(9);
      int32(type);
      int64(length);
    }
  }
}
