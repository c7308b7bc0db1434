package dev.krafla.models;

import dev.krafla.kernels.RawMatrix;
import dev.krafla.kernels.WeightType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * A safetensors file mapped into memory (format: the safetensors README): the length of a JSON
 * header, the header, then the tensors' bytes without gaps. Opening reads the header and checks all
 * of it against the file. Immutable and thread-safe until closed; closing unmaps the tensors.
 */
final class SafetensorsFile implements AutoCloseable {
  private static final long MAX_HEADER = 100_000_000; // the reference implementation's limit
  private static final int MAX_TENSORS = 1 << 20;
  private static final int MAX_DIMENSIONS = 16;
  private static final int MAX_DEPTH = 4; // header → tensor → shape
  private static final int MAX_NAME_CHARS = 4096;

  /** Encodings of the format that weights of the models here come in. */
  private static final Map<String, WeightType> TYPES =
      Map.of("F32", WeightType.F32, "F16", WeightType.F16, "BF16", WeightType.BF16);

  /** Where a tensor lies, offset counted from the file's start; {@code shape} row-major. */
  record TensorInfo(String name, String dtype, List<Long> shape, long offset, long bytes) {}

  private final Path path;
  private final Arena arena;
  private final MemorySegment data;
  private final Map<String, TensorInfo> tensors;

  /**
   * Opens the file at {@code path}.
   *
   * @throws ModelFormatException when it is damaged
   */
  @SuppressWarnings("MustBeClosedChecker") // closed by close(), or here on failure
  static SafetensorsFile open(Path path) {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new SafetensorsFile(path, arena, data);
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private SafetensorsFile(Path path, Arena arena, MemorySegment data) {
    this.path = path;
    this.arena = arena;
    this.data = data;
    FileCursor in = new FileCursor(data, path.toString(), 0);
    int headerBytes = (int) in.readCount("header length", 1, MAX_HEADER);
    long base = in.position() + headerBytes;
    byte[] header = data.asSlice(in.position(), headerBytes).toArray(ValueLayout.JAVA_BYTE);
    this.tensors = Collections.unmodifiableMap(new Header(in, base, data.byteSize()).read(header));
  }

  Path path() {
    return path;
  }

  /** All tensors by name, in header order. */
  Map<String, TensorInfo> tensors() {
    return tensors;
  }

  /**
   * A tensor of one or two dimensions as a matrix, in place; a vector is one row. Valid until this
   * file is closed.
   *
   * @throws UnsupportedModelException when its encoding or shape is not one for weights
   */
  RawMatrix matrix(TensorInfo tensor) {
    WeightType type = TYPES.get(tensor.dtype());
    if (type == null) {
      throw new UnsupportedModelException(
          "%s: tensor \"%s\" is %s; F32, F16 and BF16 are read, use such a checkpoint or a GGUF file"
              .formatted(path, tensor.name(), tensor.dtype()));
    }
    List<Long> shape = tensor.shape();
    long rows = shape.size() == 2 ? shape.getFirst() : 1;
    if (shape.isEmpty()
        || shape.size() > 2
        || rows > Integer.MAX_VALUE
        || shape.getLast() > Integer.MAX_VALUE
        || tensor.bytes() == 0) {
      throw new UnsupportedModelException(
          "%s: tensor \"%s\" has shape %s; weights are vectors and matrices"
              .formatted(path, tensor.name(), shape));
    }
    MemorySegment bytes = data.asSlice(tensor.offset(), tensor.bytes());
    return new RawMatrix(type, (int) rows, shape.getLast().intValue(), bytes);
  }

  @Override
  public void close() {
    arena.close();
  }

  /** Reads the header token by token: nothing is kept but one entry a tensor. */
  private static final class Header {
    private static final JsonFactory JSON =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNameLength(MAX_NAME_CHARS)
                    .maxStringLength((int) MAX_HEADER)
                    .build())
            .build();

    private final FileCursor file;
    private final long base;
    private final long fileBytes;

    Header(FileCursor file, long base, long fileBytes) {
      this.file = file;
      this.base = base;
      this.fileBytes = fileBytes;
    }

    Map<String, TensorInfo> read(byte[] header) {
      Map<String, TensorInfo> found = new LinkedHashMap<>();
      try (JsonParser json =
          JSON.createParser(
              tools.jackson.core.ObjectReadContext.empty(), new ByteArrayInputStream(header))) {
        expect(json.nextToken() == JsonToken.START_OBJECT, "the header is not a JSON object");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
          String name = json.currentName();
          json.nextToken();
          if (name.equals("__metadata__")) {
            json.skipChildren();
            continue;
          }
          expect(found.size() < MAX_TENSORS, "more than %d tensors".formatted(MAX_TENSORS));
          found.put(name, readTensor(json, name));
        }
        expect(json.nextToken() == null, "the header goes on after its end");
      } catch (JacksonException e) {
        throw file.broken("the header is no valid JSON: " + e.getOriginalMessage());
      }
      checkGaps(found);
      return found;
    }

    private TensorInfo readTensor(JsonParser json, String name) {
      expect(json.currentToken() == JsonToken.START_OBJECT, "\"" + name + "\" is no object");
      Optional<String> dtype = Optional.empty();
      Optional<List<Long>> shape = Optional.empty();
      Optional<List<Long>> offsets = Optional.empty();
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "dtype" -> {
            expect(json.currentToken() == JsonToken.VALUE_STRING, "dtype of " + name);
            dtype = Optional.of(json.getString());
          }
          case "shape" -> shape = Optional.of(readLongs(json, name));
          case "data_offsets" -> offsets = Optional.of(readLongs(json, name));
          default -> throw file.broken("\"%s\" has a field \"%s\"".formatted(name, field));
        }
      }
      if (dtype.isEmpty() || shape.isEmpty() || offsets.isEmpty()) {
        throw file.broken("\"%s\" lacks dtype, shape or data_offsets".formatted(name));
      }
      return place(name, dtype.get(), shape.get(), offsets.get());
    }

    private List<Long> readLongs(JsonParser json, String name) {
      expect(json.currentToken() == JsonToken.START_ARRAY, "\"" + name + "\" lacks an array");
      List<Long> values = new ArrayList<>();
      while (json.nextToken() == JsonToken.VALUE_NUMBER_INT) {
        expect(values.size() < MAX_DIMENSIONS, "\"" + name + "\" has too many dimensions");
        values.add(json.getLongValue());
      }
      expect(json.currentToken() == JsonToken.END_ARRAY, "\"" + name + "\" has a non-integer size");
      return List.copyOf(values);
    }

    private TensorInfo place(String name, String dtype, List<Long> shape, List<Long> offsets) {
      expect(offsets.size() == 2, "\"" + name + "\" needs two data_offsets");
      long from = offsets.getFirst();
      long to = offsets.getLast();
      if (from < 0 || to < from || to > fileBytes - base) {
        throw file.broken(
            "tensor \"%s\" takes bytes %d to %d of the data, which has %d"
                .formatted(name, from, to, fileBytes - base));
      }
      WeightType type = TYPES.get(dtype);
      if (type != null && elements(name, shape, to - from) * type.blockBytes() != to - from) {
        throw file.broken(
            "tensor \"%s\" of %s %s takes %d bytes".formatted(name, dtype, shape, to - from));
      }
      return new TensorInfo(name, dtype, shape, base + from, to - from);
    }

    private long elements(String name, List<Long> shape, long limit) {
      long elements = 1;
      for (long d : shape) {
        if (d < 0 || (d > 0 && elements > limit / d)) {
          throw file.broken("tensor \"%s\" has impossible shape %s".formatted(name, shape));
        }
        elements *= d;
      }
      return elements;
    }

    /** The format allows neither gaps nor overlaps. */
    private void checkGaps(Map<String, TensorInfo> found) {
      List<TensorInfo> inOrder = new ArrayList<>(found.values());
      inOrder.sort(
          Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
      long end = base;
      for (TensorInfo tensor : inOrder) {
        if (tensor.offset() != end) {
          throw file.broken(
              "tensor \"%s\" starts at byte %d; the one before ends at %d"
                  .formatted(tensor.name(), tensor.offset(), end));
        }
        end += tensor.bytes();
      }
      if (end != fileBytes) {
        throw file.broken("tensors end at byte %d, the file at %d".formatted(end, fileBytes));
      }
    }

    private void expect(boolean good, String problem) {
      if (!good) {
        throw file.broken(problem);
      }
    }
  }
}
