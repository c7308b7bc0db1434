package dev.krafla.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * Krafla's database: a pool of connections to it, its schema up to date. Everything that is kept
 * goes through {@link #jdbi}: records in and out, SQL in plain sight.
 *
 * <p>Thread-safe. Calls block, and throw JDBI's exceptions when the server is gone; the next call
 * finds it again.
 */
public final class Database implements AutoCloseable {
  /** Of the environment: names an outside server; absent or empty, one of our own is started. */
  public static final String URL_VARIABLE = "DATABASE_URL";

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final String NO_SUCH_DATABASE = "3D000";
  private static final String DUPLICATE_DATABASE = "42P04";

  private final DatabaseAddress address;
  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final Optional<EmbeddedPostgres> server;

  private Database(
      DatabaseAddress address, HikariDataSource pool, Optional<EmbeddedPostgres> server) {
    this.address = address;
    this.pool = pool;
    this.server = server;
    this.jdbi = Jdbi.create(pool);
  }

  /**
   * Opens the database that {@code environment} names in {@code DATABASE_URL}, else starts the one
   * of {@code home}.
   *
   * @param home {@code $KRAFLA_HOME}
   * @throws StoreException when it cannot be had; the message says what to do
   */
  public static Database open(Path home, Map<String, String> environment) {
    String url = environment.getOrDefault(URL_VARIABLE, "");
    return url.isBlank() ? own(EmbeddedPostgres.start(home)) : open(DatabaseAddress.parse(url));
  }

  /** Opens the database at {@code address} and brings its schema up to date. */
  public static Database open(DatabaseAddress address) {
    return open(address, Optional.empty());
  }

  private static Database own(EmbeddedPostgres server) {
    try {
      make(server.address());
      return open(server.address(), Optional.of(server));
    } catch (RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  private static Database open(DatabaseAddress address, Optional<EmbeddedPostgres> server) {
    HikariDataSource pool = pool(address);
    try {
      Migrations.apply(pool, Migrations.SCHEMA);
      return new Database(address, pool, server);
    } catch (RuntimeException | Error e) {
      pool.close();
      throw e;
    }
  }

  private static HikariDataSource pool(DatabaseAddress address) {
    var config = new HikariConfig();
    config.setPoolName("store");
    config.setJdbcUrl(address.jdbcUrl());
    config.setUsername(address.user());
    config.setPassword(address.password());
    config.setSchema(Migrations.SCHEMA);
    config.setMaximumPoolSize(10);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(CONNECT_LIMIT.toMillis());
    config.addDataSourceProperty("ApplicationName", "krafla");
    config.addDataSourceProperty("tcpKeepAlive", "true");
    // Errors name no values of rows and parameters: they may be users' own words.
    config.addDataSourceProperty("logServerErrorDetail", "false");
    config.addDataSourceProperty("connectTimeout", Long.toString(CONNECT_LIMIT.toSeconds()));
    try {
      return new HikariDataSource(config);
    } catch (PoolInitializationException e) {
      throw new StoreException("cannot open the database %s: %s".formatted(address, reason(e)), e);
    }
  }

  /** The innermost message, which is the server's or the driver's. */
  private static String reason(Throwable e) {
    Throwable inner = e;
    while (inner.getCause() != null) {
      inner = inner.getCause();
    }
    return String.valueOf(inner.getMessage());
  }

  /** Makes the database of {@code address} if its server does not have it yet. */
  static void make(DatabaseAddress address) {
    try (Connection there = address.connect("krafla-start")) {
      assert there.isValid(1);
    } catch (SQLException missing) {
      if (!NO_SUCH_DATABASE.equals(missing.getSQLState())) {
        throw new StoreException(
            "cannot open the database %s: %s".formatted(address, missing.getMessage()), missing);
      }
      try (Connection server = address.database("postgres").connect("krafla-start");
          Statement statement = server.createStatement()) {
        statement.execute("CREATE DATABASE " + address.database());
      } catch (SQLException e) {
        if (!DUPLICATE_DATABASE.equals(e.getSQLState())) {
          throw new StoreException(
              "cannot make the database %s: %s".formatted(address, e.getMessage()), e);
        }
      }
    }
  }

  /** Reads and writes records. */
  public Jdbi jdbi() {
    return jdbi;
  }

  /** Connections of the pool, for what JDBI does not do, as COPY. */
  public DataSource connections() {
    return pool;
  }

  /** Where it is. */
  public DatabaseAddress address() {
    return address;
  }

  /** Closes the connections, and stops the server if it is our own. */
  @Override
  public void close() {
    pool.close();
    server.ifPresent(EmbeddedPostgres::close);
  }
}
