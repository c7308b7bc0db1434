package dev.krafla.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One process at a time owns a home's server. The kernel frees the lock of a process that dies. */
final class HomeLock implements AutoCloseable {
  /**
   * The folders that this process has. Needed because the kernel's locks belong to the process:
   * whoever opens a locked file a second time, to try, frees the lock when that handle is closed.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private HomeLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Takes the lock of {@code folder}.
   *
   * @throws StoreException when another process, or this one already, has it
   */
  static HomeLock take(Path folder) {
    try {
      Path held = folder.toRealPath();
      if (!HELD.add(held)) {
        throw inUse(folder, "process " + ProcessHandle.current().pid() + ", which is this one");
      }
      try {
        return new HomeLock(held, locked(folder));
      } catch (IOException | RuntimeException e) {
        HELD.remove(held);
        throw e;
      }
    } catch (IOException e) {
      throw new StoreException(
          "cannot lock %s: %s".formatted(folder.resolve("lock"), Folders.reason(e)), e);
    }
  }

  private static FileChannel locked(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    // Told in a file of its own, as reading the locked one would free the lock, too.
    Path owner = folder.resolve("owner");
    if (channel.tryLock() == null) {
      channel.close();
      throw inUse(
          folder, Files.exists(owner) ? "process " + Files.readString(owner).strip() : "another");
    }
    Files.writeString(owner, ProcessHandle.current().pid() + "\n");
    return channel;
  }

  private static StoreException inUse(Path folder, String owner) {
    return new StoreException(
        "the data in %s are in use by %s; stop that one, or set KRAFLA_HOME to another folder"
            .formatted(folder, owner));
  }

  @Override
  public void close() {
    try {
      channel.close();
      HELD.remove(folder);
    } catch (IOException e) {
      throw new StoreException("cannot give back the home's lock: " + Folders.reason(e), e);
    }
  }
}
