package dev.krafla.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a running server says of itself in {@code postmaster.pid} (PostgreSQL's miscadmin.h, {@code
 * LOCK_FILE_LINE_…}).
 *
 * @param ready whether it takes connections
 */
record PostmasterFile(long pid, int port, boolean ready) {
  private static final String NAME = "postmaster.pid";
  private static final int PORT_LINE = 3;
  private static final int STATUS_LINE = 7;

  /** Reads the file of a data folder; absent where there is none or it is not yet whole. */
  static Optional<PostmasterFile> read(Path data) {
    try {
      List<String> lines = Files.readAllLines(data.resolve(NAME));
      if (lines.size() <= PORT_LINE) {
        return Optional.empty();
      }
      boolean ready = lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
      return Optional.of(
          new PostmasterFile(
              Long.parseLong(lines.getFirst().strip()),
              Integer.parseInt(lines.get(PORT_LINE).strip()),
              ready));
    } catch (NoSuchFileException | NumberFormatException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StoreException(
          "cannot read %s: %s".formatted(data.resolve(NAME), Folders.reason(e)), e);
    }
  }

  /**
   * The server's process, if it lives. A number that now belongs to another program, as after a
   * restart of a container, is not it.
   */
  Optional<ProcessHandle> process() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(p -> p.info().command().map(c -> c.endsWith("postgres")).orElse(true));
  }

  /**
   * Removes the file of a server that is gone if its number is now another program's: a server that
   * starts would take that for its rival.
   */
  static void removeIfForeign(Path data) throws IOException {
    Optional<PostmasterFile> file = read(data);
    if (file.isPresent()
        && file.get().process().isEmpty()
        && ProcessHandle.of(file.get().pid()).isPresent()) {
      Files.deleteIfExists(data.resolve(NAME));
    }
  }
}
