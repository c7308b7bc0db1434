package dev.krafla.store;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A running server: a child of this process, or one that a killed JVM has left. */
final class ServerProcess {
  private static final Logger LOG = System.getLogger(ServerProcess.class.getName());

  /** How long recovery after a crash may take, and the last checkpoint before an end. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration LOOK_EVERY = Duration.ofMillis(5);
  private static final int LOG_LINES = 12;

  private final Cluster cluster;
  private final ProcessHandle handle;
  private final CompletableFuture<?> ended;
  private final int port;

  private ServerProcess(
      Cluster cluster, ProcessHandle handle, CompletableFuture<?> ended, int port) {
    this.cluster = cluster;
    this.handle = handle;
    this.ended = ended;
    this.port = port;
  }

  /** Starts a server; when this returns, it takes connections. */
  static ServerProcess start(Cluster cluster, ServerSettings settings, int port) {
    var command = new ArrayList<String>();
    if (Commands.run(List.of("setsid", "--version")).ok()) {
      command.add("setsid"); // out of the terminal's group: Ctrl-C is for us, who stop it in order
    }
    var server = new ArrayList<String>();
    server.addAll(List.of(cluster.binaries().program("postgres").toString(), "-D"));
    server.add(cluster.data().toString());
    server.addAll(settings.arguments(port));
    command.addAll(cluster.user().command(server));
    Path startLog = cluster.folder().resolve("start.log");
    try {
      PostmasterFile.removeIfForeign(cluster.data());
      Process process =
          Commands.prepared(command)
              .redirectErrorStream(true)
              .redirectOutput(startLog.toFile())
              .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      var started = new ServerProcess(cluster, process.toHandle(), process.onExit(), port);
      started.awaitReady(startLog);
      return started;
    } catch (IOException e) {
      throw new StoreException("cannot start PostgreSQL: " + Folders.reason(e), e);
    }
  }

  private void awaitReady(Path startLog) throws IOException {
    Instant end = Instant.now().plus(PATIENCE);
    while (true) {
      Optional<PostmasterFile> file = PostmasterFile.read(cluster.data());
      if (file.filter(f -> f.ready() && f.pid() == handle.pid()).isPresent()) {
        return;
      }
      if (!handle.isAlive()) {
        throw new StoreException(
            "PostgreSQL ended while it started, in %s: %s"
                .formatted(cluster.data(), lastWords(startLog)));
      }
      if (Instant.now().isAfter(end)) {
        stop();
        throw new StoreException(
            "PostgreSQL does not get ready within %d s: %s"
                .formatted(PATIENCE.toSeconds(), lastWords(startLog)));
      }
      pause();
    }
  }

  /** The ends of what the server wrote before and after it had opened its log. */
  private String lastWords(Path startLog) throws IOException {
    var lines = new ArrayList<String>(Files.readAllLines(startLog));
    Path logs = cluster.data().resolve("log");
    if (Files.isDirectory(logs)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(logs)) {
        Optional<Path> newest = Optional.empty();
        FileTime when = FileTime.fromMillis(0);
        for (Path log : all) {
          FileTime written = Files.getLastModifiedTime(log);
          if (written.compareTo(when) > 0) {
            when = written;
            newest = Optional.of(log);
          }
        }
        if (newest.isPresent()) {
          lines.addAll(Files.readAllLines(newest.get()));
        }
      }
    }
    return String.join("\n  ", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
  }

  /** The server that runs on a folder's data, whoever has started it. */
  static Optional<PostmasterFile> find(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "data-[0-9]*")) {
      for (Path data : all) {
        Optional<PostmasterFile> file = PostmasterFile.read(data);
        if (file.flatMap(PostmasterFile::process).isPresent()) {
          return file;
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new StoreException("cannot look into %s: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /**
   * Takes over a server that was left on the cluster's data, if it is of the same version and
   * answers; else it is stopped in order.
   */
  static Optional<ServerProcess> adopt(Cluster cluster) {
    Optional<PostmasterFile> found = find(cluster.folder());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    PostmasterFile file = found.get();
    ProcessHandle process = file.process().orElseThrow();
    var left = new ServerProcess(cluster, process, process.onExit(), file.port());
    if (left.answers()) {
      LOG.log(Level.INFO, "took over the PostgreSQL that an earlier run has left");
      return Optional.of(left);
    }
    LOG.log(Level.INFO, "stopping the PostgreSQL that an earlier run has left");
    left.stop();
    return Optional.empty();
  }

  private boolean answers() {
    DatabaseAddress address =
        DatabaseAddress.local(port, "postgres", Cluster.OWNER, cluster.password());
    Instant end = Instant.now().plus(PATIENCE);
    while (handle.isAlive() && Instant.now().isBefore(end)) {
      try (Connection connection =
          DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password())) {
        String version = connection.getMetaData().getDatabaseProductVersion();
        return version.equals(cluster.binaries().version());
      } catch (SQLException e) {
        boolean startsOrEnds = "57P03".equals(e.getSQLState());
        if (!startsOrEnds) {
          LOG.log(Level.DEBUG, "the server left on port {0,number,#} does not answer", port);
          return false;
        }
        pause();
      }
    }
    return false;
  }

  /**
   * Ends the server: "fast", which rolls back what is open, then "immediate", after which the next
   * start recovers. Never by SIGKILL, which would leave its children on the data.
   */
  void stop() {
    for (String signal : List.of("INT", "QUIT")) {
      Commands.run(List.of("sh", "-c", "kill -%s %d".formatted(signal, handle.pid())));
      if (awaitEnd()) {
        return;
      }
      LOG.log(Level.WARNING, "PostgreSQL does not end on SIG{0}", signal);
    }
    throw new StoreException(
        "PostgreSQL (process %d) does not end; see its log in %s"
            .formatted(handle.pid(), cluster.data().resolve("log")));
  }

  private boolean awaitEnd() {
    Instant end = Instant.now().plus(PATIENCE);
    while (Instant.now().isBefore(end)) {
      // Whoever adopted it may not reap it: a dead process without a parent's wait still "lives".
      boolean gone = PostmasterFile.read(cluster.data()).isEmpty() || !handle.isAlive();
      if (gone) {
        return true;
      }
      pause();
    }
    return false;
  }

  private static void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted while waiting for PostgreSQL", e);
    }
  }

  /** Waits until it is gone, however that came. */
  void awaitEnded() {
    ended.join();
  }

  long pid() {
    return handle.pid();
  }

  int port() {
    return port;
  }
}
