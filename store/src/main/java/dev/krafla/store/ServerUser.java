package dev.krafla.store;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whom the server runs as. PostgreSQL refuses to run as root; who starts us as root, as containers
 * do, gets a server under another uid all the same.
 */
sealed interface ServerUser {
  /** {@code command} as this user; it replaces the process that starts it, so that ids stay. */
  List<String> command(List<String> command);

  /** Gives {@code path}, which this process has made, to the user. */
  void own(Path path) throws IOException;

  /** This process's own user, who is not root. */
  record Self() implements ServerUser {
    @Override
    public List<String> command(List<String> command) {
      return command;
    }

    @Override
    public void own(Path path) {}
  }

  /** An account of the machine's, by setpriv. */
  record Account(int uid, int gid) implements ServerUser {
    @Override
    public List<String> command(List<String> command) {
      var all = new ArrayList<String>();
      all.addAll(List.of("setpriv", "--reuid", "" + uid, "--regid", "" + gid, "--clear-groups"));
      all.add("--");
      all.addAll(command);
      return all;
    }

    @Override
    public void own(Path path) throws IOException {
      Files.setAttribute(path, "unix:uid", uid);
      Files.setAttribute(path, "unix:gid", gid);
    }
  }

  /**
   * Root in a user namespace that maps nobody: to the server it is nobody and has no rights but
   * those to root's own files. For homes that other accounts cannot reach, as one in root's own
   * folder.
   */
  record Unmapped() implements ServerUser {
    @Override
    public List<String> command(List<String> command) {
      var all = new ArrayList<>(List.of("unshare", "--user", "--"));
      all.addAll(command);
      return all;
    }

    @Override
    public void own(Path path) {}
  }

  /**
   * Finds whom the server of {@code binaries} can run as: whoever owns {@code data} where it exists
   * already, else the first of the above that works.
   *
   * @throws StoreException as root, when no other uid can be had
   */
  static ServerUser find(ServerBinaries binaries, Path data) {
    if (new UnixSystem().getUid() != 0) {
      return new Self();
    }
    var candidates = new ArrayList<ServerUser>();
    try {
      if (Files.exists(data)) {
        int owner = (int) Files.getAttribute(data, "unix:uid");
        int group = (int) Files.getAttribute(data, "unix:gid");
        candidates.add(owner == 0 ? new Unmapped() : new Account(owner, group));
      } else {
        account().ifPresent(candidates::add);
        candidates.add(new Unmapped());
      }
    } catch (IOException e) {
      throw new StoreException("cannot look at %s: %s".formatted(data, Folders.reason(e)), e);
    }
    var failures = new ArrayList<String>();
    for (ServerUser candidate : candidates) {
      Optional<String> failure = candidate.failure(binaries);
      if (failure.isEmpty()) {
        return candidate;
      }
      failures.add(failure.get());
    }
    throw new StoreException(
        "PostgreSQL refuses to run as root, and no other user can be had here (%s); run Krafla as an"
                .formatted(String.join("; ", failures))
            + " ordinary user, set KRAFLA_HOME to a folder that others may enter, as"
            + " /var/lib/krafla, or name a server of your own in DATABASE_URL");
  }

  /** Why the server cannot run as this user: it must reach the programs, and have a name. */
  private Optional<String> failure(ServerBinaries binaries) {
    List<String> reach = List.of(binaries.program("postgres").toString(), "--version");
    for (List<String> probe : List.of(reach, List.of("id", "-un"))) {
      List<String> whole = command(probe);
      Commands.Result result = Commands.run(whole);
      if (!result.ok()) {
        return Optional.of("%s: %s".formatted(whole.getFirst(), result.output().strip()));
      }
    }
    return Optional.empty();
  }

  /** An account for services, of those that machines have. */
  private static Optional<ServerUser> account() throws IOException {
    Path accounts = Path.of("/etc/passwd");
    if (!Files.isReadable(accounts)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(accounts);
    for (String name : List.of("krafla", "postgres", "nobody")) {
      for (String line : lines) {
        String[] fields = line.split(":", -1); // name, password, uid, gid, …
        if (fields.length > 3 && fields[0].equals(name)) {
          return Optional.of(new Account(Integer.parseInt(fields[2]), Integer.parseInt(fields[3])));
        }
      }
    }
    return Optional.empty();
  }
}
