package dev.krafla.store;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * Brings a database's schema up to date with the files in {@code migrations/}. What is missing is
 * applied in one transaction: a process that is killed within it leaves the schema as it was.
 * Several processes may do this at once; one works, the others wait.
 *
 * <p>Files name tables without a schema, which Flyway sets, as restoring a backup fills another.
 */
final class Migrations {
  /** The schema with Krafla's tables. */
  static final String SCHEMA = "krafla";

  private Migrations() {}

  /** Migrates {@code schema}, which is made where it is missing. */
  static void apply(DataSource database, String schema, Callback... callbacks) {
    try {
      configuration(database, schema).callbacks(callbacks).load().migrate();
    } catch (FlywayException e) {
      throw new StoreException(
          "cannot bring the database's schema up to date: %s".formatted(e.getMessage()), e);
    }
  }

  static FluentConfiguration configuration(DataSource database, String schema) {
    return Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(database)
        .locations("classpath:migrations")
        .defaultSchema(schema)
        .createSchemas(true)
        .group(true)
        .outOfOrder(true) // each part of Krafla has numbers of its own and grows at its own time
        .cleanDisabled(true);
  }
}
