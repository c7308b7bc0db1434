package dev.krafla.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One process at a time owns a home's server. The kernel frees the lock of a process that dies. */
final class HomeLock implements AutoCloseable {
  private final FileChannel channel;

  private HomeLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of {@code folder}.
   *
   * @throws StoreException when another process, or this one already, has it
   */
  static HomeLock take(Path folder) {
    // The owner is told in a file of its own: closing any handle of the locked one frees the lock.
    Path owner = folder.resolve("owner");
    try {
      FileChannel channel =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(channel)) {
        channel.close();
        String who = Files.exists(owner) ? "process " + Files.readString(owner).strip() : "another";
        throw new StoreException(
            "the data in %s are in use by %s; stop that one, or set KRAFLA_HOME to another folder"
                .formatted(folder, who));
      }
      Files.writeString(owner, ProcessHandle.current().pid() + "\n");
      return new HomeLock(channel);
    } catch (IOException e) {
      throw new StoreException(
          "cannot lock %s: %s".formatted(folder.resolve("lock"), Folders.reason(e)), e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new StoreException("cannot give back the home's lock: " + Folders.reason(e), e);
    }
  }
}
