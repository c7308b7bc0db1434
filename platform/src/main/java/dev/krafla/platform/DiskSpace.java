package dev.krafla.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Refuses early what would fill the disk. */
final class DiskSpace {
  private DiskSpace() {}

  /**
   * Checks that {@code bytes} more fit where {@code file} lies.
   *
   * @throws UserError when they do not
   */
  static void require(Path file, long bytes) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    long free = Files.getFileStore(folder).getUsableSpace();
    if (bytes > free) {
      throw new UserError(
          "%s more are needed in %s, where %s are free; make room, or set KRAFLA_HOME to another disk"
              .formatted(ByteSize.text(bytes), folder, ByteSize.text(free)));
    }
  }
}
