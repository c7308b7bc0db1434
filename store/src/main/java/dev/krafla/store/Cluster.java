package dev.krafla.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The files of a home's database: {@code password} (0600) and {@code data-18} in {@code
 * $KRAFLA_HOME/postgres}. Whatever is made here appears under its final name only when it is whole,
 * so that a crash leaves nothing half done.
 */
record Cluster(Path folder, ServerBinaries binaries, ServerUser user, String password) {
  /** Who owns the databases; in a server of our own, its only account. */
  static final String OWNER = "krafla";

  private static final String NEW_DATA = "data-new-";
  private static final int PASSWORD_BYTES = 32;

  /** Where {@code home} keeps its database. */
  static Path folder(Path home) {
    return home.resolve("postgres");
  }

  /** Makes that folder if it is missing. */
  static Path prepared(Path home) {
    Path folder = folder(home.toAbsolutePath().normalize());
    try {
      Folders.create(folder);
    } catch (IOException e) {
      throw new StoreException(
          "cannot make the folder %s: %s; set KRAFLA_HOME to one that you may write to"
              .formatted(folder, Folders.reason(e)),
          e);
    }
    return folder;
  }

  /**
   * Opens the cluster in {@code folder}, which is locked by this process; makes what is missing.
   */
  static Cluster open(Path folder, ServerBinaries binaries, InitOptions options) {
    Path data = data(folder, binaries);
    var user = ServerUser.find(binaries, data);
    try {
      refuseOtherMajor(folder, binaries);
      var cluster = new Cluster(folder, binaries, user, password(folder));
      if (!Files.exists(data)) {
        cluster.initialise(options);
      }
      return cluster;
    } catch (IOException e) {
      throw new StoreException(
          "cannot make a database in %s: %s".formatted(folder, Folders.reason(e)), e);
    }
  }

  /** Whether a new data folder is written through to the disk; tests do without. */
  enum InitOptions {
    DURABLE,
    FAST
  }

  Path data() {
    return data(folder, binaries);
  }

  private static Path data(Path folder, ServerBinaries binaries) {
    return folder.resolve("data-" + binaries.major());
  }

  private static void refuseOtherMajor(Path folder, ServerBinaries binaries) throws IOException {
    if (Files.exists(data(folder, binaries))) {
      return;
    }
    try (DirectoryStream<Path> others = Files.newDirectoryStream(folder, "data-[0-9]*")) {
      for (Path other : others) {
        throw new StoreException(
            ("%s is of another major version than this build's PostgreSQL %s, which cannot read it;"
                    + " make a backup with the Krafla that wrote it (krafla backup FILE), move the"
                    + " folder away and read the backup with this one (krafla restore FILE)")
                .formatted(other, binaries.version()));
      }
    }
  }

  private static String password(Path folder) throws IOException {
    Path file = folder.resolve("password");
    if (!Files.exists(file)) {
      var random = new byte[PASSWORD_BYTES];
      new SecureRandom().nextBytes(random);
      Path fresh = folder.resolve("password.new");
      Folders.writePrivate(
          fresh, Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n");
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file).strip();
  }

  /** The password of an existing cluster. */
  static String existingPassword(Path folder) {
    Path file = folder.resolve("password");
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new StoreException("cannot read %s: %s".formatted(file, Folders.reason(e)), e);
    }
  }

  private void initialise(InitOptions options) throws IOException {
    deleteUnfinished();
    Path fresh = Files.createTempDirectory(folder, NEW_DATA);
    Path secret = Files.createTempFile(folder, NEW_DATA, ".password");
    try {
      Files.writeString(secret, password + "\n");
      user.own(secret);
      user.own(fresh);
      var command = new ArrayList<String>();
      command.addAll(List.of(binaries.program("initdb").toString(), "--pgdata", fresh.toString()));
      command.addAll(List.of("--username", OWNER, "--pwfile", secret.toString()));
      command.addAll(List.of("--auth", "scram-sha-256", "--encoding", "UTF8"));
      // The server's own collation: sorts alike on every machine and after every system upgrade.
      command.addAll(List.of("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"));
      command.addAll(List.of("--locale", "C"));
      if (options == InitOptions.FAST) {
        command.add("--no-sync");
      }
      Commands.Result made = Commands.run(user.command(command));
      if (!made.ok()) {
        throw new StoreException(
            "PostgreSQL could not make its data folder in %s: %s"
                .formatted(folder, made.output().strip()));
      }
      Files.move(fresh, data(), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(secret);
      if (Files.exists(fresh)) {
        Folders.delete(fresh);
      }
    }
  }

  /** What starts that were killed have left. */
  private void deleteUnfinished() throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, NEW_DATA + "*")) {
      for (Path path : left) {
        Folders.delete(path);
      }
    }
  }
}
