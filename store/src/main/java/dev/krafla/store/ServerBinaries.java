package dev.krafla.store;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The programs of a PostgreSQL server ({@code initdb}, {@code postgres}, {@code pg_ctl}), unpacked
 * from the archive of {@code io.zonky.test.postgres} that is on the class path.
 *
 * @param folder has {@code bin}, {@code lib} and {@code share}
 * @param version as {@code 18.6}
 */
record ServerBinaries(Path folder, String version) {
  private static final String VERSION_FILE = "krafla-version";

  /** The archive for this machine. */
  static URL archive() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    String system = os.contains("mac") ? "darwin" : os;
    String processor =
        switch (arch) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64" -> "arm_64";
          default -> arch;
        };
    String name = "postgres-%s-%s.txz".formatted(system, processor);
    URL found = ServerBinaries.class.getClassLoader().getResource(name);
    if (found == null) {
      throw new StoreException(
          "this build has no PostgreSQL for %s on %s (%s is not on the class path); build it on"
                  .formatted(os, arch, name)
              + " this machine, or name a server of your own in DATABASE_URL");
    }
    return found;
  }

  /**
   * The programs of {@code archive} below {@code parent}, unpacked there unless they are already. A
   * folder appears under its final name only when it is whole.
   */
  static ServerBinaries unpacked(URL archive, Path parent) {
    try {
      Folders.create(parent);
      Path folder = parent.resolve("server-%08x".formatted(fingerprint(archive)));
      if (!Files.exists(folder.resolve(VERSION_FILE))) {
        unpack(archive, parent, folder);
      }
      return new ServerBinaries(folder, Files.readString(folder.resolve(VERSION_FILE)));
    } catch (IOException e) {
      throw new StoreException(
          "cannot unpack PostgreSQL into %s: %s; it needs 100 MB there and the right to write"
              .formatted(parent, Folders.reason(e)),
          e);
    }
  }

  /** Tells archives apart without reading them: what the jar's own directory says. */
  private static long fingerprint(URL archive) throws IOException {
    URLConnection connection = archive.openConnection();
    if (connection instanceof JarURLConnection jar) {
      return jar.getJarEntry().getCrc();
    }
    return connection.getContentLengthLong();
  }

  private static void unpack(URL archive, Path parent, Path folder) throws IOException {
    Path fresh = Files.createTempDirectory(parent, "server-new-");
    try {
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
      try (InputStream packed = new BufferedInputStream(archive.openStream(), 1 << 16);
          var tar = new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
          extract(tar, entry, fresh);
        }
      }
      Files.writeString(fresh.resolve(VERSION_FILE), versionOf(fresh));
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("the file system cannot rename a folder in one step", e);
    } finally {
      if (Files.exists(fresh)) {
        Folders.delete(fresh);
      }
    }
  }

  private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path into)
      throws IOException {
    Path target = into.resolve(entry.getName()).normalize();
    if (!target.startsWith(into)) {
      throw new IOException("the archive has an entry outside of its folder: " + entry.getName());
    }
    if (entry.getName().endsWith(".a")) { // for linking, which nobody does here
      return;
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, target);
      Files.setPosixFilePermissions(target, permissions((entry.getMode() & 0111) != 0));
    }
  }

  private static Set<PosixFilePermission> permissions(boolean executable) {
    return PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--");
  }

  private static String versionOf(Path folder) throws IOException {
    var said = Commands.run(List.of(folder.resolve("bin/postgres").toString(), "--version"));
    String[] words = said.output().strip().split(" ", -1); // postgres (PostgreSQL) 18.6
    if (!said.ok() || words.length < 3) {
      throw new IOException(
          "the unpacked server does not run here (%s)".formatted(said.output().strip()));
    }
    return words[2];
  }

  Path program(String name) {
    return folder.resolve("bin").resolve(name);
  }

  /** As {@code 18}: what data folders are made for. */
  String major() {
    return version.substring(0, version.indexOf('.') < 0 ? version.length() : version.indexOf('.'));
  }
}
