package dev.krafla.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The home's admin key, where only its owner can read it. */
final class AdminKeyFile {
  private AdminKeyFile() {}

  /** Puts {@code key} in the file's place, at once. */
  static void write(KraflaHome home, String key) throws IOException {
    Path file = home.adminKey();
    Path next = file.resolveSibling("admin.key.new");
    Files.deleteIfExists(next);
    Files.createFile( // never readable by others, not even for a moment
        next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(next, key + "\n");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
