package dev.krafla.store;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A PostgreSQL server of our own, with its data in {@code $KRAFLA_HOME/postgres}: one per home, on
 * a port of the loopback interface, for whoever has the password in the home. It lives in a process
 * of its own and outlives a JVM that is killed; the next one takes it over. When it dies under a
 * living JVM, it is started again on the same port.
 *
 * <p>Thread-safe. {@link #close} ends the server: open transactions are rolled back.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final Logger LOG = System.getLogger(EmbeddedPostgres.class.getName());
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  private final Cluster cluster;
  private final HomeLock lock;
  private final ServerSettings settings;
  private final ReentrantLock life = new ReentrantLock();
  private final Condition restarted = life.newCondition();
  private final int port;
  private ServerProcess server; // guarded by life
  private boolean closed; // guarded by life

  private EmbeddedPostgres(
      Cluster cluster, HomeLock lock, ServerSettings settings, ServerProcess server) {
    this.cluster = cluster;
    this.lock = lock;
    this.settings = settings;
    this.server = server;
    this.port = server.port();
  }

  /**
   * Starts the server of {@code home}, or takes over one that a killed JVM has left; makes its data
   * folder the first time.
   *
   * @throws StoreException when it cannot run, or another process has the home
   */
  public static EmbeddedPostgres start(Path home) {
    Path cache = home.resolve("cache/postgres");
    return start(home, cache, ServerBinaries.archive(), ServerSettings.DURABLE);
  }

  /**
   * As {@link #start(Path)}.
   *
   * @param cache where the programs of {@code archive} are unpacked
   */
  static EmbeddedPostgres start(Path home, Path cache, URL archive, ServerSettings settings) {
    Path folder = Cluster.prepared(home);
    HomeLock lock = HomeLock.take(folder);
    try {
      ServerBinaries binaries = ServerBinaries.unpacked(archive, cache);
      Cluster cluster = Cluster.open(folder, binaries, settings.initOptions());
      ServerProcess server =
          ServerProcess.adopt(cluster)
              .orElseGet(() -> ServerProcess.start(cluster, settings, freePort()));
      var postgres = new EmbeddedPostgres(cluster, lock, settings, server);
      postgres.watch(server);
      return postgres;
    } catch (RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Where the server of {@code home} is while another process has it; absent when none runs. For
   * what looks in beside it, as a backup.
   */
  public static Optional<DatabaseAddress> running(Path home) {
    Path folder = Cluster.folder(home.toAbsolutePath().normalize());
    return ServerProcess.find(folder)
        .map(file -> address(file.port(), Cluster.existingPassword(folder)));
  }

  /** The database that Krafla's tables are in. */
  public DatabaseAddress address() {
    return address(port, cluster.password());
  }

  /** The same, once the database is there; {@link Database#open(DatabaseAddress)} opens it. */
  public DatabaseAddress prepared() {
    DatabaseAddress address = address();
    Database.make(address);
    return address;
  }

  private static DatabaseAddress address(int port, String password) {
    return DatabaseAddress.local(port, "krafla", Cluster.OWNER, password);
  }

  /** The server's version, as {@code 18.6}. */
  public String version() {
    return cluster.binaries().version();
  }

  /** The id of the server's first process; changes when it had to be started again. */
  public long pid() {
    life.lock();
    try {
      return server.pid();
    } finally {
      life.unlock();
    }
  }

  /** Waits until another server runs than the one whose first process was {@code before}. */
  void awaitRestart(long before) {
    life.lock();
    try {
      while (server.pid() == before) {
        restarted.awaitUninterruptibly();
      }
    } finally {
      life.unlock();
    }
  }

  private void watch(ServerProcess watched) {
    Thread.ofVirtual()
        .name("postgres-watch")
        .start(() -> {
          watched.awaitEnded();
          startAgain(watched);
        });
  }

  private void startAgain(ServerProcess ended) {
    Duration pause = FIRST_PAUSE;
    while (true) {
      life.lock();
      try {
        if (closed || server != ended) {
          return;
        }
        LOG.log(
            Level.WARNING, "PostgreSQL has ended; it is started again on port {0,number,#}", port);
        server = ServerProcess.start(cluster, settings, port);
        restarted.signalAll();
        watch(server);
        return;
      } catch (StoreException e) {
        LOG.log(Level.ERROR, e.getMessage());
      } finally {
        life.unlock();
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
    }
  }

  /** A port that was free just now. */
  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new StoreException("no free port on the loopback interface: " + e.getMessage(), e);
    }
  }

  /** Stops the server, after a last checkpoint, and gives the home free. */
  @Override
  public void close() {
    life.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      server.stop();
    } finally {
      life.unlock();
      lock.close();
    }
  }
}
