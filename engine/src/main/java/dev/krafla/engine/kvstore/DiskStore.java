package dev.krafla.engine.kvstore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Keeps entries as files in one folder, named by their keys, up to a number of bytes; the least
 * recently used give way. At its start it reads names, sizes and times, and no contents.
 *
 * <p>A file is written under another name and renamed, so that nobody sees half of one. Nothing is
 * synced to the device: what a killed process has written, the operating system still has; what a
 * power failure tears, the reader's checksum finds. When a file was used last is its time of
 * change, which is brought up to date now and then and at the end.
 *
 * <p>Several processes may share a folder. Each evicts by what it knows, finds the others' files
 * when it looks again (after every sixteenth of the limit that it has written), and takes a file
 * that is gone for a miss; together they may exceed the limit by a sixteenth each.
 *
 * <p>Only the owner can read the folder: KV tells what users have written.
 */
public final class DiskStore implements KvStore {
  private static final Logger LOG = System.getLogger(DiskStore.class.getName());
  private static final String SUFFIX = ".kv";
  private static final String TEMPORARY = ".tmp";

  /** A half-written file as old as this belongs to nobody who still lives. */
  private static final long ABANDONED_MILLIS = 3_600_000;

  /** Free space that is always left to others. */
  private static final long RESERVE_BYTES = 1L << 30;

  /** How long a disk that failed is left alone. */
  private static final long PAUSE_NANOS = 60_000_000_000L;

  private static final long SAVE_USE_AFTER_MILLIS = 60_000;

  private final Path folder;
  private final long maxBytes;
  private final DiskIndex index = new DiskIndex();
  private final String owner = UUID.randomUUID().toString().substring(0, 8);
  private final AtomicBoolean failing = new AtomicBoolean();
  private volatile long pausedUntil; // System.nanoTime, while failing
  private long limit; // the writer's: maxBytes, or less where the disk is nearly full
  private long writtenSinceLook; // the writer's

  private DiskStore(Path folder, long maxBytes) {
    this.folder = folder;
    this.maxBytes = maxBytes;
    this.limit = maxBytes;
  }

  /**
   * Opens the store in {@code folder}, which is made where there is none. A folder that cannot be
   * used gives a store that holds nothing, and one line in the log.
   *
   * @param maxBytes most bytes of all files together
   */
  public static DiskStore open(Path folder, long maxBytes) {
    if (maxBytes < 1) {
      throw new IllegalArgumentException(
          "a KV store of %d bytes; give it 1 or more".formatted(maxBytes));
    }
    var store = new DiskStore(folder.toAbsolutePath(), maxBytes);
    try {
      store.makeFolder();
      store.look();
      store.evict(0);
    } catch (IOException | UncheckedIOException e) {
      store.failed("read", e);
    }
    return store;
  }

  private void makeFolder() throws IOException {
    if (!Files.isDirectory(folder)) {
      boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
      FileAttribute<?>[] ownerOnly =
          posix
              ? new FileAttribute<?>[] {
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
              }
              : new FileAttribute<?>[0];
      if (folder.getParent() != null) {
        Files.createDirectories(folder.getParent());
      }
      try {
        Files.createDirectory(folder, ownerOnly);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(folder)) { // not another worker that was faster
          throw e;
        }
      }
    }
  }

  /** Reads the folder's names, sizes and times; removes what dead writers left. */
  private void look() throws IOException {
    long now = System.currentTimeMillis();
    var files = new ArrayList<DiskIndex.Found>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      for (Path file : all) {
        look(file, now).ifPresent(files::add);
      }
    }
    index.replace(files);
    writtenSinceLook = 0;
    long usable = Files.getFileStore(folder).getUsableSpace();
    limit = Math.min(maxBytes, Math.max(0, index.bytes() + usable - RESERVE_BYTES));
  }

  private static Optional<DiskIndex.Found> look(Path file, long now) throws IOException {
    String name = file.getFileName().toString();
    Optional<KvKey> key =
        name.endsWith(SUFFIX)
            ? KvKey.parse(name.substring(0, name.length() - SUFFIX.length()))
            : Optional.empty();
    if (key.isEmpty() && !name.endsWith(TEMPORARY)) {
      return Optional.empty();
    }
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      long changed = attributes.lastModifiedTime().toMillis();
      if (key.isEmpty() && changed < now - ABANDONED_MILLIS) {
        Files.deleteIfExists(file);
      }
      return key.map(k -> new DiskIndex.Found(k, attributes.size(), changed));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // another worker was faster
    }
  }

  @Override
  public String name() {
    return "disk";
  }

  /** Files that are known. */
  public int entries() {
    return index.size();
  }

  @Override
  public boolean mayHold(KvKey key) {
    return holds(key);
  }

  @Override
  public boolean holds(KvKey key) {
    return index.use(key, System.currentTimeMillis());
  }

  @Override
  public boolean read(KvKey key, ByteBuffer[] into, long limitNanos) throws IOException {
    long wanted = 0;
    for (ByteBuffer buffer : into) {
      wanted += buffer.remaining();
    }
    try (FileChannel channel = FileChannel.open(file(key), StandardOpenOption.READ)) {
      if (channel.size() != wanted) {
        return false;
      }
      while (wanted > 0) {
        long n = channel.read(into);
        if (n < 0) {
          return false;
        }
        wanted -= n;
      }
      return true;
    } catch (NoSuchFileException e) {
      index.remove(key); // another worker evicted it
      return false;
    }
  }

  /** Called by one thread at a time. */
  @Override
  public boolean write(KvKey key, ByteBuffer entry) throws IOException {
    long bytes = entry.remaining();
    boolean again = failing.get();
    if (again && System.nanoTime() - pausedUntil < 0) {
      throw new IOException("the KV cache in %s is left alone for a while".formatted(folder));
    }
    try {
      if (again) {
        makeFolder();
      }
      if (again || writtenSinceLook > maxBytes / 16) {
        saveUse();
        look();
      }
      evict(bytes);
      boolean fits = bytes <= limit;
      if (fits) {
        writeBeside(key, entry);
        writtenSinceLook += bytes;
        index.put(key, bytes, System.currentTimeMillis());
      }
      failing.set(false);
      return fits;
    } catch (IOException | UncheckedIOException e) {
      failed("written", e);
      throw e;
    }
  }

  private void writeBeside(KvKey key, ByteBuffer entry) throws IOException {
    Path temporary = folder.resolve(key.hex() + "." + owner + TEMPORARY);
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        while (entry.hasRemaining()) {
          channel.write(entry);
        }
      }
      Files.move(temporary, file(key), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  /** Makes room for {@code bytes} more. */
  private void evict(long bytes) throws IOException {
    for (KvKey key : index.shrinkTo(Math.max(0, limit - bytes))) {
      Files.deleteIfExists(file(key));
    }
  }

  @Override
  public boolean isAvailable() {
    return !failing.get() || System.nanoTime() - pausedUntil >= 0;
  }

  @Override
  public void remove(KvKey key) {
    index.remove(key);
    try {
      Files.deleteIfExists(file(key));
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "{0} cannot be deleted: {1}", file(key), e);
    }
  }

  /** One line when it begins to fail, and none until it has worked again. */
  private void failed(String how, Exception cause) {
    pausedUntil = System.nanoTime() + PAUSE_NANOS;
    if (failing.compareAndSet(false, true)) {
      LOG.log(
          Level.WARNING,
          "The KV cache in {0} cannot be {1} ({2}); it is left alone for a minute at a time until"
              + " it can, and answers are computed meanwhile",
          folder,
          how,
          cause);
    }
  }

  private void saveUse() throws IOException {
    for (DiskIndex.Found used : index.unsaved(SAVE_USE_AFTER_MILLIS)) {
      try {
        Files.setLastModifiedTime(file(used.key()), FileTime.fromMillis(used.usedMillis()));
      } catch (NoSuchFileException e) {
        index.remove(used.key());
      }
    }
  }

  @Override
  public long bytes() {
    return index.bytes();
  }

  @Override
  public long maxBytes() {
    return maxBytes;
  }

  /** Brings the files' times up to date. */
  @Override
  public void close() {
    try {
      saveUse();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "times of use in {0} are not kept: {1}", folder, e);
    }
  }

  private Path file(KvKey key) {
    return folder.resolve(key.hex() + SUFFIX);
  }
}
