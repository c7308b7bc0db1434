package dev.krafla.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fresh databases for tests, with Krafla's schema and nothing in it: {@code @AutoClose static final
 * Database DATABASE = TestDatabase.create();}. All of a JVM are on one real server that forgets
 * everything when the JVM ends; a database is copied from a migrated one, in tens of milliseconds.
 */
public final class TestDatabase {
  private static final String TEMPLATE = "template_krafla";
  private static final AtomicInteger COUNT = new AtomicInteger();

  private TestDatabase() {}

  /** A fresh database; closing it closes its connections. */
  public static Database create() {
    String name = "test_" + COUNT.incrementAndGet();
    run("CREATE DATABASE %s TEMPLATE %s".formatted(name, TEMPLATE));
    return Database.open(Server.POSTGRES.address().database(name));
  }

  /** As {@code DATABASE_URL} has it. */
  public static String url(Database database) {
    DatabaseAddress address = database.address();
    String place = address.jdbcUrl().substring("jdbc:postgresql://".length());
    return "postgresql://%s:%s@%s".formatted(address.user(), address.password(), place);
  }

  /** An empty database, without the schema. */
  static DatabaseAddress empty() {
    String name = "test_" + COUNT.incrementAndGet();
    run("CREATE DATABASE " + name);
    return Server.POSTGRES.address().database(name);
  }

  private static void run(String sql) {
    DatabaseAddress server = Server.POSTGRES.address().database("postgres");
    try (Connection connection =
            DriverManager.getConnection(server.jdbcUrl(), server.user(), server.password());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  /** The folder that programs are unpacked to once per machine. */
  static Path cache() {
    String named = Optional.ofNullable(System.getenv("KRAFLA_HOME")).orElse("");
    Path home =
        named.isBlank() ? Path.of(System.getProperty("user.home"), ".krafla") : Path.of(named);
    return home.toAbsolutePath().resolve("cache/postgres");
  }

  /** Started when the first test asks. */
  private static final class Server {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        Path home = Files.createTempDirectory("krafla-test-postgres");
        EmbeddedPostgres server =
            EmbeddedPostgres.start(home, cache(), ServerBinaries.archive(), ServerSettings.FAST);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, home)));
        DatabaseAddress template = server.address().database(TEMPLATE);
        Database.make(template);
        Database.open(template).close();
        return server;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void end(EmbeddedPostgres server, Path home) {
      try {
        server.close();
        Folders.delete(home);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
