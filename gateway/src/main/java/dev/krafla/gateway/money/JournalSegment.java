package dev.krafla.gateway.money;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One file of the journal, mapped into memory: a record is there for the next process as soon as it
 * is stored, even if this one is killed at the next instruction, and storing needs no system call.
 * The file is filled with zeros before, so that a full disk is met here and not while storing.
 *
 * <p>A record is its length (4 bytes, stored last), the CRC-32C of its body (4) and the body,
 * padded to 8. A length of 0 is the end, and so is a checksum that is wrong.
 *
 * <p>Not thread-safe: the journal's lock guards appending, and its reader reads no further than it
 * was told under the lock.
 */
final class JournalSegment implements AutoCloseable {
  private static final Logger LOG = System.getLogger(JournalSegment.class.getName());
  private static final String PREFIX = "ledger-";
  private static final String SUFFIX = ".journal";
  private static final long MAGIC = 0x4b52_4146_4c45_4431L; // "KRAFLED1"
  private static final int HEADER = 16;
  private static final int RECORD_HEADER = 8;
  private static final int PIECE = 1 << 20;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private static final VarHandle LENGTH = INT.varHandle();

  private final Path file;
  private final long number;
  private final Arena arena;
  private final MemorySegment memory;
  private long end = HEADER;

  private JournalSegment(Path file, long number, Arena arena, MemorySegment memory) {
    this.file = file;
    this.number = number;
    this.arena = arena;
    this.memory = memory;
  }

  /** Makes an empty one; a process that is killed here leaves none. */
  static JournalSegment create(Path folder, long number, int bytes) throws IOException {
    Path file = folder.resolve("%s%012d%s".formatted(PREFIX, number, SUFFIX));
    Path unfinished = folder.resolve(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer zeros = ByteBuffer.allocate(Math.min(PIECE, bytes));
      for (long at = 0; at < bytes; ) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at));
        if (at == 0) {
          zeros.putLong(0, MAGIC).putLong(Long.BYTES, number);
        } else {
          zeros.putLong(0, 0).putLong(Long.BYTES, 0);
        }
        while (zeros.hasRemaining()) {
          at += channel.write(zeros, at);
        }
      }
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    return map(file, number);
  }

  /** Opens what an earlier process left; empty when {@code file} is none. */
  static Optional<JournalSegment> open(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (!name.startsWith(PREFIX) || !name.endsWith(SUFFIX) || Files.size(file) < HEADER) {
      return Optional.empty();
    }
    long number = Long.parseLong(name.substring(PREFIX.length(), name.length() - SUFFIX.length()));
    JournalSegment segment = map(file, number);
    ByteBuffer header = segment.memory.asSlice(0, HEADER).asByteBuffer();
    if (header.getLong() != MAGIC || header.getLong() != number) {
      segment.close();
      throw new IOException(
          "%s is not a journal of this ledger, or a damaged one; move it away to start without what it has"
              .formatted(file));
    }
    return Optional.of(segment);
  }

  @SuppressWarnings("MustBeClosedChecker") // the segment closes it
  private static JournalSegment map(Path file, long number) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), arena);
      return new JournalSegment(file, number, arena, memory);
    } catch (IOException e) {
      arena.close();
      throw e;
    }
  }

  long number() {
    return number;
  }

  /** Where the next record will begin. */
  long end() {
    return end;
  }

  long bytes() {
    return memory.byteSize();
  }

  /** Bytes that are left for records. */
  long room() {
    return memory.byteSize() - end;
  }

  /** What a body of so many bytes takes of {@link #room}. */
  static long size(int bodyBytes) {
    return RECORD_HEADER + (bodyBytes + 7L & -8L);
  }

  /** Stores a record; there must be room. */
  void append(byte[] body, int bytes) {
    var crc = new CRC32C();
    crc.update(body, 0, bytes);
    MemorySegment.copy(body, 0, memory, ValueLayout.JAVA_BYTE, end + RECORD_HEADER, bytes);
    memory.set(INT, end + Integer.BYTES, (int) crc.getValue());
    LENGTH.setRelease(memory, end, bytes); // last: a record is there whole or not at all
    end += size(bytes);
  }

  /** The body of the record at {@code at}; empty where none is. */
  Optional<ByteBuffer> body(long at) {
    if (at + RECORD_HEADER > memory.byteSize()) {
      return Optional.empty();
    }
    int length = (int) LENGTH.getAcquire(memory, at);
    if (length <= 0 || length > JournalRecord.MAX_LENGTH || at + size(length) > memory.byteSize()) {
      return Optional.empty();
    }
    byte[] body = new byte[length];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at + RECORD_HEADER, body, 0, length);
    var crc = new CRC32C();
    crc.update(body);
    return (int) crc.getValue() == memory.get(INT, at + Integer.BYTES)
        ? Optional.of(ByteBuffer.wrap(body))
        : Optional.empty();
  }

  /** The first record's place. */
  static long begin() {
    return HEADER;
  }

  /** Takes a segment of an earlier process to its end, so that {@link #end} is right. */
  void findEnd() {
    Optional<ByteBuffer> body = body(end);
    while (body.isPresent()) {
      end += size(body.get().remaining());
      body = body(end);
    }
    if (room() >= RECORD_HEADER && (int) LENGTH.getAcquire(memory, end) != 0) {
      LOG.log(
          Level.ERROR,
          "{0} is damaged at byte {1}: what requests took after that is not known from here",
          file,
          end);
    }
  }

  /** Has the disk keep it, as against a loss of power. */
  void force() {
    memory.force();
  }

  /** Gives back memory and file. */
  void delete() throws IOException {
    close();
    Files.deleteIfExists(file);
  }

  @Override
  public void close() {
    arena.close();
  }
}
