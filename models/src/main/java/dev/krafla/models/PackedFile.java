package dev.krafla.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * Repacked weights on disk, so that the next start reads them instead of packing again. Written
 * beside its final name and renamed, so a reader sees a whole file or none. Little-endian:
 *
 * <pre>
 * 8 bytes "KRAFLAPK", int32 version, int32 chunks, int64 bytes, 32 bytes key,
 * int32[chunks] CRC-32C of each 16 MiB of data, int32 CRC-32C of all before, data
 * </pre>
 *
 * The key is a digest of everything the bytes depend on. A file that is torn, damaged, of another
 * version or of another key is as good as none.
 *
 * <p>Its time of change is when it was used last. Whoever writes one deletes those of the same
 * folder that nobody has used for {@link #UNUSED_LIMIT}: they can be made again.
 */
final class PackedFile {
  private static final System.Logger LOG = System.getLogger(PackedFile.class.getName());
  private static final long MAGIC = 0x4B50414C4641524BL; // "KRAFLAPK"
  private static final int VERSION = 1;
  private static final int KEY_BYTES = 32;
  private static final int CHUNK = 16 << 20;
  static final Duration UNUSED_LIMIT = Duration.ofDays(30);
  private static final int FIXED_BYTES = 8 + 4 + 4 + 8 + KEY_BYTES;

  private final Path path;
  private final byte[] key;

  /** The file at {@code path} for weights that {@code key} (32 bytes) identifies. */
  PackedFile(Path path, byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("key of %d bytes; must be 32".formatted(key.length));
    }
    this.path = path;
    this.key = key.clone();
  }

  /**
   * Fills {@code target} from the file.
   *
   * @return false when there is no such file, or not one that can be trusted; {@code target} then
   *     holds rubbish
   */
  boolean read(MemorySegment target) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      int chunks = chunks(target);
      ByteBuffer header = buffer(headerBytes(chunks));
      if (!readFully(channel, header, 0)) {
        return refused("it is cut short");
      }
      int[] checks = new int[chunks];
      if (!accept(header.flip(), target.byteSize(), checks)) {
        return refused("it belongs to other weights or its header is damaged");
      }
      long start = headerBytes(chunks);
      boolean sound =
          IntStream.range(0, chunks)
              .parallel()
              .allMatch(i -> readChunk(channel, start, target, i, checks[i]));
      if (sound) {
        used();
      }
      return sound || refused("its data is damaged or cut short");
    } catch (IOException | UncheckedIOException e) {
      return Files.exists(path) && refused(String.valueOf(e.getMessage()));
    }
  }

  private void used() {
    try {
      Files.setLastModifiedTime(path, FileTime.from(Instant.now()));
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "that {0} was used is not noted: {1}", path, e);
    }
  }

  private boolean refused(String why) {
    LOG.log(Level.INFO, "{0} is not used ({1}); weights are packed anew", path, why);
    return false;
  }

  private boolean accept(ByteBuffer header, long bytes, int[] checks) {
    CRC32C crc = new CRC32C();
    crc.update(header.slice(0, header.limit() - Integer.BYTES));
    byte[] foundKey = new byte[KEY_BYTES];
    boolean mine =
        header.getLong() == MAGIC
            && header.getInt() == VERSION
            && header.getInt() == checks.length
            && header.getLong() == bytes;
    header.position(FIXED_BYTES - KEY_BYTES).get(foundKey);
    for (int i = 0; i < checks.length; i++) {
      checks[i] = header.getInt();
    }
    return mine && Arrays.equals(foundKey, key) && header.getInt() == (int) crc.getValue();
  }

  private static boolean readChunk(
      FileChannel channel, long start, MemorySegment target, int index, int check) {
    try {
      ByteBuffer chunk = chunk(target, index).asByteBuffer();
      if (!readFully(channel, chunk, start + (long) index * CHUNK)) {
        return false;
      }
      CRC32C crc = new CRC32C();
      crc.update(chunk.flip());
      return (int) crc.getValue() == check;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean readFully(FileChannel channel, ByteBuffer into, long from)
      throws IOException {
    long at = from;
    while (into.hasRemaining()) {
      int n = channel.read(into, at);
      if (n < 0) {
        return false;
      }
      at += n;
    }
    return true;
  }

  /**
   * Writes {@code data}. A failure (a full disk, a folder that cannot be written) costs only the
   * next start's speed: it is logged, not thrown.
   */
  void write(MemorySegment data) {
    try {
      Files.createDirectories(path.getParent());
      deleteUnused();
      long room = Files.getFileStore(path.getParent()).getUsableSpace();
      if (room < 2 * data.byteSize()) {
        LOG.log(
            Level.INFO,
            "Packed weights ({0} bytes) are not kept in {1}: only {2} bytes are free there",
            data.byteSize(),
            path.getParent(),
            room);
        return;
      }
      writeBeside(data);
    } catch (IOException e) {
      LOG.log(Level.INFO, "Packed weights could not be kept for the next start: {0}", e);
    }
  }

  private void deleteUnused() throws IOException {
    FileTime limit = FileTime.from(Instant.now().minus(UNUSED_LIMIT));
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(path.getParent(), "*.{weights,tmp}")) {
      for (Path file : all) {
        if (Files.getLastModifiedTime(file).compareTo(limit) < 0) {
          Files.deleteIfExists(file);
          LOG.log(
              Level.INFO,
              "{0} was not used for {1} days, and is deleted",
              file,
              UNUSED_LIMIT.toDays());
        }
      }
    } catch (NoSuchFileException | DirectoryIteratorException e) {
      LOG.log(Level.DEBUG, "unused packed weights stay until the next time: {0}", e.toString());
    }
  }

  private void writeBeside(MemorySegment data) throws IOException {
    Path temporary = Files.createTempFile(path.getParent(), "packed", ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        ByteBuffer header = header(data);
        while (header.hasRemaining()) {
          channel.write(header);
        }
        for (int i = 0; i < chunks(data); i++) {
          ByteBuffer chunk = chunk(data, i).asByteBuffer();
          while (chunk.hasRemaining()) {
            channel.write(chunk);
          }
        }
      }
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private ByteBuffer header(MemorySegment data) {
    int chunks = chunks(data);
    ByteBuffer header = buffer(headerBytes(chunks));
    header.putLong(MAGIC).putInt(VERSION).putInt(chunks).putLong(data.byteSize()).put(key);
    int[] checks = new int[chunks];
    IntStream.range(0, chunks)
        .parallel()
        .forEach(i -> {
          CRC32C crc = new CRC32C();
          crc.update(chunk(data, i).asByteBuffer());
          checks[i] = (int) crc.getValue();
        });
    for (int check : checks) {
      header.putInt(check);
    }
    CRC32C crc = new CRC32C();
    crc.update(header.slice(0, header.position()));
    return header.putInt((int) crc.getValue()).flip();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int headerBytes(int chunks) {
    return FIXED_BYTES + (chunks + 1) * Integer.BYTES;
  }

  private static int chunks(MemorySegment data) {
    return Math.toIntExact(Math.ceilDiv(data.byteSize(), CHUNK));
  }

  private static MemorySegment chunk(MemorySegment data, int index) {
    long from = (long) index * CHUNK;
    return data.asSlice(from, Math.min(CHUNK, data.byteSize() - from));
  }
}
