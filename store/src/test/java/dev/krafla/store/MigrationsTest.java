package dev.krafla.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.krafla.testing.ChildJvm;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.junit.jupiter.api.Test;

/** The schema, as the files in {@code migrations/} make it. */
class MigrationsTest {
  private static final int MOMENTS = 5;

  @Test
  void applyOnceHoweverOftenTheyRun() throws SQLException {
    DatabaseAddress address = TestDatabase.empty();
    List<String> first = migrated(address);
    assertThat(first).anyMatch(line -> line.startsWith("column instance.id"));
    assertThat(migrated(address)).isEqualTo(first);
  }

  @Test
  void leaveAllOrNothingWhenTheProcessIsKilled() throws SQLException {
    var events = new AtomicInteger();
    DatabaseAddress whole = TestDatabase.empty();
    try (var pool = pool(whole)) {
      Migrations.apply(pool, Migrations.SCHEMA, new Every(events::incrementAndGet));
    }
    List<String> expected = migrated(whole);
    for (int i = 0; i < MOMENTS; i++) {
      int moment = 1 + i * (events.get() - 1) / (MOMENTS - 1);
      DatabaseAddress address = TestDatabase.empty();
      try (ChildJvm child =
          ChildJvm.start(
              KilledMigration.class,
              address.jdbcUrl(),
              address.user(),
              address.password(),
              Integer.toString(moment))) {
        assertThat(child.exitCode()).as("moment %d", moment).isEqualTo(137);
      }
      List<String> left = schema(address);
      assertThat(left.stream().noneMatch(line -> line.startsWith("column instance")))
          .as("moment %d left a part: %s", moment, left)
          .isEqualTo(!left.containsAll(expected));
      assertThat(migrated(address)).as("moment %d", moment).isEqualTo(expected);
    }
  }

  /** Migrates in a JVM that ends as by SIGKILL at the n-th event. */
  static final class KilledMigration {
    private KilledMigration() {}

    public static void main(String[] args) {
      var events = new AtomicInteger();
      int last = Integer.parseInt(args[3]);
      Runnable kill =
          () -> {
            if (events.incrementAndGet() == last) {
              Runtime.getRuntime().halt(137);
            }
          };
      try (var pool = pool(new DatabaseAddress(args[0], args[1], args[2]))) {
        Migrations.apply(pool, Migrations.SCHEMA, new Every(kill));
      }
    }
  }

  /** Runs at every moment that Flyway tells of. */
  private static final class Every extends BaseCallback {
    private final Runnable action;

    Every(Runnable action) {
      this.action = action;
    }

    @Override
    public boolean supports(Event event, Context context) {
      return true;
    }

    @Override
    public void handle(Event event, Context context) {
      action.run();
    }
  }

  private static HikariDataSource pool(DatabaseAddress address) {
    var pool = new HikariDataSource();
    pool.setJdbcUrl(address.jdbcUrl());
    pool.setUsername(address.user());
    pool.setPassword(address.password());
    pool.setMaximumPoolSize(4);
    return pool;
  }

  private static List<String> migrated(DatabaseAddress address) throws SQLException {
    try (var pool = pool(address)) {
      Migrations.apply(pool, Migrations.SCHEMA);
    }
    return schema(address);
  }

  private static List<String> schema(DatabaseAddress address) throws SQLException {
    String query =
        """
        SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type
        FROM information_schema.columns WHERE table_schema = 'krafla'
        UNION ALL
        SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'krafla'
        ORDER BY 1
        """;
    var lines = new ArrayList<String>();
    try (var pool = pool(address);
        Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        lines.add(rows.getString(1));
      }
    }
    return lines;
  }
}
