package dev.krafla.models;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The keys and values at the head of a GGUF file. Values stay in the mapped file and are decoded
 * when asked for, so a vocabulary of 260,000 strings costs nothing until someone wants it.
 */
public final class GgufMetadata {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long MAX_STRING_BYTES = 64L << 20; // a chat template has some 10 KB

  /** Value types in the order of their numbers in the file. */
  private enum Type {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    STRING(0),
    ARRAY(0),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    /** Bytes of a value; 0 where they vary. */
    final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  /** A value's place: {@code count} elements of {@code type} from {@code offset} on. */
  private record Value(Type type, boolean array, long count, long offset) {}

  private final MemorySegment data;
  private final String file;
  private final Map<String, Value> values;

  private GgufMetadata(MemorySegment data, String file, Map<String, Value> values) {
    this.data = data;
    this.file = file;
    this.values = values;
  }

  static GgufMetadata read(
      FileCursor in, MemorySegment data, String file, long count, int maxKeyBytes) {
    Map<String, Value> values = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      String key = in.readString("metadata key", maxKeyBytes);
      if (values.put(key, readValue(in, key)) != null) {
        throw in.broken("metadata key \"%s\" is listed twice".formatted(key));
      }
    }
    return new GgufMetadata(data, file, Collections.unmodifiableMap(values));
  }

  private static Value readValue(FileCursor in, String key) {
    Type type = readType(in, key);
    if (type != Type.ARRAY) {
      Value value = new Value(type, false, 1, in.position());
      skip(in, value, key);
      return value;
    }
    Type element = readType(in, key);
    if (element == Type.ARRAY) {
      throw in.broken(
          "metadata \"%s\" is an array of arrays, which GGUF has no use for".formatted(key));
    }
    long minBytes = element == Type.STRING ? Long.BYTES : element.bytes;
    long count = in.readCount("length of array " + key, minBytes, Integer.MAX_VALUE - 8);
    Value value = new Value(element, true, count, in.position());
    skip(in, value, key);
    return value;
  }

  private static Type readType(FileCursor in, String key) {
    long at = in.position();
    int id = in.readInt("type of " + key);
    if (id < 0 || id >= Type.values().length) {
      throw in.broken(
          "metadata \"%s\" at byte %d has type %s; types go up to %d"
              .formatted(key, at, Integer.toUnsignedString(id), Type.values().length - 1));
    }
    return Type.values()[id];
  }

  private static void skip(FileCursor in, Value value, String key) {
    if (value.type() != Type.STRING) {
      in.skip(value.count() * value.type().bytes, key);
      return;
    }
    for (long i = 0; i < value.count(); i++) {
      in.skipString(key);
    }
  }

  /** All keys, in file order. */
  public Set<String> keys() {
    return values.keySet();
  }

  /** A text value. */
  public Optional<String> string(String key) {
    return scalar(key, "a string", Type.STRING).map(v -> stringsAt(v, key).getFirst());
  }

  /** An integer value of any width, or a bool as 0 or 1. */
  public Optional<Long> integer(String key) {
    return scalar(
            key,
            "an integer",
            Type.UINT8,
            Type.INT8,
            Type.UINT16,
            Type.INT16,
            Type.UINT32,
            Type.INT32,
            Type.UINT64,
            Type.INT64,
            Type.BOOL)
        .map(v -> integerAt(v, 0));
  }

  /** A floating-point value of either width. */
  public Optional<Double> number(String key) {
    return scalar(key, "a float", Type.FLOAT32, Type.FLOAT64).map(v -> numberAt(v, 0));
  }

  public Optional<Boolean> bool(String key) {
    return scalar(key, "a bool", Type.BOOL).map(v -> integerAt(v, 0) != 0);
  }

  /** An array of strings. */
  public Optional<List<String>> strings(String key) {
    return array(key, "strings", Type.STRING).map(v -> stringsAt(v, key));
  }

  /** An array of 32-bit floats. */
  public Optional<float[]> floats(String key) {
    return array(key, "floats", Type.FLOAT32)
        .map(v -> data.asSlice(v.offset(), v.count() * Float.BYTES).toArray(FLOAT));
  }

  /** An array of integers (or bools as 0 and 1) that fit 32 bits. */
  public Optional<int[]> ints(String key) {
    return array(
            key,
            "integers",
            Type.UINT8,
            Type.INT8,
            Type.UINT16,
            Type.INT16,
            Type.UINT32,
            Type.INT32,
            Type.UINT64,
            Type.INT64,
            Type.BOOL)
        .map(v -> intsAt(v, key));
  }

  private int[] intsAt(Value value, String key) {
    int[] out = new int[(int) value.count()];
    for (int i = 0; i < out.length; i++) {
      long element = integerAt(value, i);
      if ((int) element != element) {
        throw wrong("metadata \"%s\"[%d] is %d; at most 32 bits fit".formatted(key, i, element));
      }
      out[i] = (int) element;
    }
    return out;
  }

  /** Whether {@code key} holds an array (of per-layer values, say) and not one value. */
  public boolean isArray(String key) {
    Value value = values.get(key);
    return value != null && value.array();
  }

  private Optional<Value> scalar(String key, String wanted, Type... types) {
    return find(key, false, wanted, types);
  }

  private Optional<Value> array(String key, String wanted, Type... types) {
    return find(key, true, "an array of " + wanted, types);
  }

  private Optional<Value> find(String key, boolean array, String wanted, Type... types) {
    Value value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    for (Type type : types) {
      if (value.type() == type && value.array() == array) {
        return Optional.of(value);
      }
    }
    throw wrong(
        "metadata \"%s\" is %s%s; it should be %s"
            .formatted(key, value.array() ? "an array of " : "", value.type(), wanted));
  }

  private List<String> stringsAt(Value value, String key) {
    FileCursor in = new FileCursor(data, file, value.offset());
    List<String> out = new ArrayList<>((int) value.count());
    for (long i = 0; i < value.count(); i++) {
      out.add(in.readString(key, MAX_STRING_BYTES));
    }
    return out;
  }

  private long integerAt(Value value, long index) {
    long at = value.offset() + index * value.type().bytes;
    return switch (value.type()) {
      case UINT8, BOOL -> Byte.toUnsignedLong(data.get(ValueLayout.JAVA_BYTE, at));
      case INT8 -> data.get(ValueLayout.JAVA_BYTE, at);
      case UINT16 -> Short.toUnsignedLong(data.get(SHORT, at));
      case INT16 -> data.get(SHORT, at);
      case UINT32 -> Integer.toUnsignedLong(data.get(INT, at));
      case INT32 -> data.get(INT, at);
      case UINT64, INT64 -> data.get(LONG, at);
      case FLOAT32, FLOAT64, STRING, ARRAY -> throw new AssertionError(value.type());
    };
  }

  private double numberAt(Value value, long index) {
    long at = value.offset() + index * value.type().bytes;
    return value.type() == Type.FLOAT32 ? data.get(FLOAT, at) : data.get(DOUBLE, at);
  }

  private ModelFormatException wrong(String problem) {
    return new ModelFormatException(
        "%s: %s; the file was converted wrongly, fetch another".formatted(file, problem));
  }
}
