package dev.krafla.models;

import dev.krafla.kernels.RawMatrix;
import dev.krafla.kernels.WeightType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

/**
 * A GGUF file, version 2 or 3, little-endian, mapped into memory (format: ggml's {@code
 * docs/gguf.md}). Opening reads the header only and checks all of it: counts, lengths, alignment,
 * names, and that every tensor lies inside the file and on no other. Metadata values are decoded
 * when asked for. Immutable and thread-safe until closed; closing unmaps the tensors.
 *
 * <p>The file must not be cut while it is open: the operating system answers a read beyond the new
 * end with a fault.
 */
public final class GgufFile implements AutoCloseable {
  /** Extension of such files. */
  public static final String EXTENSION = ".gguf";

  private static final int MAGIC = 0x46554747; // "GGUF"
  private static final int BIG_ENDIAN_VERSIONS = 0xFFFF; // 3 read in the wrong order is 0x03000000
  private static final int MAX_DIMENSIONS = 4;
  private static final int MAX_NAME_BYTES = 65535; // the specification's limit for keys
  // Real files have some 50 keys and at most some thousand tensors. The limits keep the heap that a
  // hostile header of tiny entries can claim (about 200 bytes an entry) near the file's own size.
  private static final int MAX_METADATA = 1 << 16;
  private static final int MAX_TENSORS = 1 << 16;
  private static final long MIN_METADATA_BYTES = 8 + 4 + 1;
  private static final long MIN_TENSOR_BYTES = 8 + 4 + 8 + 4 + 8;
  private static final long DEFAULT_ALIGNMENT = 32;

  /**
   * Where a tensor lies. {@code dimensions} are in file order: the first is the length of a row.
   *
   * @param ggmlType the file's own number of the element encoding
   * @param offset first byte in the file
   * @param bytes its size; 0 where the encoding is unknown here
   */
  public record TensorInfo(
      String name, List<Long> dimensions, int ggmlType, long offset, long bytes) {}

  private final Path path;
  private final Arena arena;
  private final MemorySegment data;
  private final int version;
  private final GgufMetadata metadata;
  private final Map<String, TensorInfo> tensors;

  /**
   * Opens the file at {@code path}.
   *
   * @throws ModelFormatException when it is damaged
   * @throws UnsupportedModelException when it is of a version or byte order that is not read here
   */
  @SuppressWarnings("MustBeClosedChecker") // closed by close(), or here on failure
  public static GgufFile open(Path path) {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new GgufFile(path, arena, data);
    } catch (IOException e) {
      arena.close();
      throw new UncheckedIOException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private GgufFile(Path path, Arena arena, MemorySegment data) {
    this.path = path;
    this.arena = arena;
    this.data = data;
    FileCursor in = new FileCursor(data, path.toString(), 0);
    this.version = readVersion(in);
    long numTensors = in.readCount("tensor count", MIN_TENSOR_BYTES, MAX_TENSORS);
    long numMetadata = in.readCount("metadata count", MIN_METADATA_BYTES, MAX_METADATA);
    this.metadata = GgufMetadata.read(in, data, path.toString(), numMetadata, MAX_NAME_BYTES);
    this.tensors = Collections.unmodifiableMap(readTensors(in, numTensors));
  }

  private int readVersion(FileCursor in) {
    if (in.readInt("magic number") != MAGIC) {
      throw new ModelFormatException(
          "%s: does not begin with \"GGUF\"; it is not a GGUF file".formatted(path));
    }
    int found = in.readInt("version");
    if ((found & BIG_ENDIAN_VERSIONS) == 0) {
      throw new UnsupportedModelException(
          "%s: is a big-endian GGUF file; only little-endian ones are read, fetch that one"
              .formatted(path));
    }
    if (found != 2 && found != 3) {
      throw new UnsupportedModelException(
          "%s: is GGUF version %s; versions 2 and 3 are read, convert it anew"
              .formatted(path, Integer.toUnsignedString(found)));
    }
    return found;
  }

  private Map<String, TensorInfo> readTensors(FileCursor in, long count) {
    List<TensorInfo> infos = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      infos.add(readTensor(in));
    }
    long alignment = alignment(in);
    long base = Math.ceilDiv(in.position(), alignment) * alignment;
    Map<String, TensorInfo> byName = new LinkedHashMap<>();
    for (TensorInfo info : infos) {
      TensorInfo placed = place(in, info, base, alignment);
      if (byName.put(info.name(), placed) != null) {
        throw in.broken("tensor \"%s\" is listed twice".formatted(info.name()));
      }
    }
    checkOverlaps(in, byName);
    return byName;
  }

  private static TensorInfo readTensor(FileCursor in) {
    String name = in.readString("tensor name", MAX_NAME_BYTES);
    long at = in.position();
    int numDimensions = in.readInt("number of dimensions of " + name);
    if (numDimensions < 1 || numDimensions > MAX_DIMENSIONS) {
      throw in.broken(
          "tensor \"%s\" at byte %d has %s dimensions; 1 to %d are possible"
              .formatted(name, at, Integer.toUnsignedString(numDimensions), MAX_DIMENSIONS));
    }
    List<Long> dimensions = new ArrayList<>(numDimensions);
    for (int d = 0; d < numDimensions; d++) {
      dimensions.add(in.readLong("dimension of " + name));
    }
    int type = in.readInt("type of " + name);
    long bytes = bytes(in, name, dimensions, type);
    return new TensorInfo(
        name, List.copyOf(dimensions), type, in.readLong("offset of " + name), bytes);
  }

  /** Size of a tensor, every product checked; 0 for an encoding that is not known here. */
  private static long bytes(FileCursor in, String name, List<Long> dimensions, int ggmlType) {
    long elements = 1;
    for (long d : dimensions) {
      if (d <= 0 || elements > Long.MAX_VALUE / d) {
        throw in.broken("tensor \"%s\" has impossible dimensions %s".formatted(name, dimensions));
      }
      elements *= d;
    }
    Optional<WeightType> type = WeightType.ofGgmlId(ggmlType);
    if (type.isEmpty()) {
      return 0;
    }
    WeightType known = type.get();
    if (dimensions.getFirst() % known.blockSize() != 0) {
      throw in.broken(
          "tensor \"%s\" has rows of %d elements, not whole %s blocks of %d"
              .formatted(name, dimensions.getFirst(), known, known.blockSize()));
    }
    long blocks = elements / known.blockSize();
    if (blocks > Long.MAX_VALUE / known.blockBytes()) {
      throw in.broken("tensor \"%s\" has impossible dimensions %s".formatted(name, dimensions));
    }
    return blocks * known.blockBytes();
  }

  private long alignment(FileCursor in) {
    long alignment = metadata.integer("general.alignment").orElse(DEFAULT_ALIGNMENT);
    if (alignment < 1 || alignment > (1 << 20) || Long.bitCount(alignment) != 1) {
      throw in.broken(
          "general.alignment is %d; it must be a power of two up to 2^20".formatted(alignment));
    }
    return alignment;
  }

  private TensorInfo place(FileCursor in, TensorInfo info, long base, long alignment) {
    long room = data.byteSize() - base;
    if (info.offset() < 0 || info.offset() > room || info.bytes() > room - info.offset()) {
      throw in.broken(
          "tensor \"%s\" takes %d bytes from offset %s of the tensor data, which has %d"
              .formatted(
                  info.name(),
                  info.bytes(),
                  Long.toUnsignedString(info.offset()),
                  Math.max(0, room)));
    }
    if (info.offset() % alignment != 0) {
      throw in.broken(
          "tensor \"%s\" starts at offset %d, not a multiple of the alignment %d"
              .formatted(info.name(), info.offset(), alignment));
    }
    return new TensorInfo(
        info.name(), info.dimensions(), info.ggmlType(), base + info.offset(), info.bytes());
  }

  private static void checkOverlaps(FileCursor in, Map<String, TensorInfo> tensors) {
    List<TensorInfo> inOrder = new ArrayList<>(tensors.values());
    inOrder.sort(Comparator.comparingLong(TensorInfo::offset));
    for (int i = 1; i < inOrder.size(); i++) {
      TensorInfo before = inOrder.get(i - 1);
      TensorInfo after = inOrder.get(i);
      if (before.offset() + before.bytes() > after.offset()) {
        throw in.broken(
            "tensors \"%s\" and \"%s\" overlap at byte %d"
                .formatted(before.name(), after.name(), after.offset()));
      }
    }
  }

  public Path path() {
    return path;
  }

  /** 2 or 3. */
  public int version() {
    return version;
  }

  public GgufMetadata metadata() {
    return metadata;
  }

  /** All tensors by name, in file order. */
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  /**
   * A tensor as a matrix of rows, in place: its first dimension is a row, all others together count
   * the rows. Valid until this file is closed.
   *
   * @throws UnsupportedModelException when its encoding is not known here
   */
  public RawMatrix matrix(TensorInfo tensor) {
    WeightType type =
        WeightType.ofGgmlId(tensor.ggmlType())
            .orElseThrow(() ->
                new UnsupportedModelException(
                    "%s: tensor \"%s\" has encoding number %d, which this version does not"
                            .formatted(path, tensor.name(), tensor.ggmlType())
                        + " read; use a file of Q4_K_M, Q8_0, Q4_0 or the like"));
    long cols = tensor.dimensions().getFirst();
    long rows = tensor.dimensions().stream().skip(1).reduce(1L, (a, b) -> a * b);
    if (rows > Integer.MAX_VALUE || cols > Integer.MAX_VALUE) {
      throw new UnsupportedModelException(
          "%s: tensor \"%s\" is %d × %d; at most 2^31-1 rows and columns are read"
              .formatted(path, tensor.name(), rows, cols));
    }
    return new RawMatrix(
        type, (int) rows, (int) cols, data.asSlice(tensor.offset(), tensor.bytes()));
  }

  /** Unmaps the file. */
  @Override
  public void close() {
    arena.close();
  }
}
