package dev.krafla.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

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

  private static final String FOLDER = "migrations";

  private Migrations() {}

  /** Migrates {@code schema}, which is made where it is missing. */
  static void apply(DataSource database, String schema, Callback... callbacks) {
    migrate(configuration(schema).dataSource(database).callbacks(callbacks));
  }

  /** Migrates {@code schema} over connections of its own. */
  static void apply(DatabaseAddress address, String schema) {
    migrate(configuration(schema, address));
  }

  /**
   * Migrates {@code schema} as far as a backup was: with the given versions and no others.
   *
   * @throws StoreException when this build lacks one of them
   */
  static void applyOnly(DatabaseAddress address, String schema, List<String> versions) {
    Map<String, String> scripts = new LinkedHashMap<>();
    for (MigrationInfo known : configuration(schema, address).load().info().all()) {
      if (known.getVersion() != null && known.getScript() != null) {
        scripts.put(known.getVersion().getVersion(), known.getScript());
      }
    }
    var chosen = new ArrayList<LoadableResource>();
    for (String version : versions) {
      String script = scripts.get(version);
      if (script == null) {
        throw new StoreException(
            "the backup is of a newer Krafla: its schema has migration %s, which this one lacks;"
                    .formatted(version)
                + " nothing was changed. Restore it with that Krafla, or a newer one");
      }
      chosen.add(new Script(script));
    }
    migrate(configuration(schema, address).resourceProvider(new Chosen(chosen)));
  }

  private static void migrate(FluentConfiguration configuration) {
    try {
      configuration.load().migrate();
    } catch (FlywayException e) {
      throw new StoreException(
          "cannot bring the database's schema up to date: %s".formatted(e.getMessage()), e);
    }
  }

  private static FluentConfiguration configuration(String schema, DatabaseAddress address) {
    return configuration(schema).dataSource(address.jdbcUrl(), address.user(), address.password());
  }

  private static FluentConfiguration configuration(String schema) {
    return Flyway.configure(Migrations.class.getClassLoader())
        .locations("classpath:" + FOLDER)
        .defaultSchema(schema)
        .createSchemas(true)
        .group(true)
        .outOfOrder(true) // each part of Krafla has numbers of its own and grows at its own time
        .cleanDisabled(true);
  }

  /** Some of the files. */
  private record Chosen(List<LoadableResource> scripts) implements ResourceProvider {
    @Override
    public @Nullable LoadableResource getResource(String name) {
      return scripts.stream().filter(s -> s.getFilename().equals(name)).findFirst().orElse(null);
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
      return scripts.stream()
          .filter(s -> s.getFilename().startsWith(prefix))
          .filter(s -> Arrays.stream(suffixes).anyMatch(s.getFilename()::endsWith))
          .toList();
    }
  }

  /** One of the files. */
  private static final class Script extends LoadableResource {
    private final String name;

    Script(String name) {
      this.name = name;
    }

    @Override
    public Reader read() {
      InputStream in = Migrations.class.getClassLoader().getResourceAsStream(FOLDER + "/" + name);
      if (in == null) {
        throw new UncheckedIOException(new IOException("there is no migration " + name));
      }
      return new InputStreamReader(in, StandardCharsets.UTF_8);
    }

    @Override
    public String getAbsolutePath() {
      return FOLDER + "/" + name;
    }

    @Override
    public String getAbsolutePathOnDisk() {
      return getAbsolutePath();
    }

    @Override
    public String getFilename() {
      return name;
    }

    @Override
    public String getRelativePath() {
      return name;
    }
  }
}
