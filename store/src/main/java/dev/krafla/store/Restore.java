package dev.krafla.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * Reads a {@link Backup} into a database, in place of what is there. The file is checked to its
 * last byte first. Its rows go into a schema beside Krafla's, made by the migrations that the
 * backup knows and then brought up to date; one transaction puts it in place of the old one. Until
 * then, and if the process is killed, the database is as it was.
 */
public final class Restore {
  /** The schema that is filled before it takes its place. */
  static final String BESIDE = "krafla_restoring";

  private static final int BUFFER_BYTES = 1 << 16;
  private static final long REPORT_EVERY_BYTES = 1 << 20;

  private final DatabaseAddress address;
  private final BackupProgress progress;
  private long moved;

  private Restore(DatabaseAddress address, BackupProgress progress) {
    this.address = address;
    this.progress = progress;
  }

  /**
   * Restores {@code file} into the database that {@link Database#open(Path, Map)} would open.
   *
   * @throws StoreException when the file is damaged or of a newer Krafla, or the database is in
   *     use; then nothing has changed
   */
  public static BackupContents read(
      Path home, Map<String, String> environment, Path file, BackupProgress progress) {
    BackupContents contents = check(file, progress); // before a server is started for it
    String url = environment.getOrDefault(Database.URL_VARIABLE, "");
    if (!url.isBlank()) {
      read(DatabaseAddress.parse(url), file, progress);
      return contents;
    }
    try (EmbeddedPostgres server = EmbeddedPostgres.start(home)) {
      Database.make(server.address());
      read(server.address(), file, progress);
    }
    return contents;
  }

  /**
   * Reads all of a backup and compares it with its digests.
   *
   * @throws StoreException when anything is missing, changed or of another form
   */
  public static BackupContents check(Path file, BackupProgress progress) {
    if (!Files.isRegularFile(file)) {
      throw new StoreException("there is no backup " + file);
    }
    try (var zip = new ZipFile(file.toFile())) {
      BackupContents contents = contents(zip);
      var buffer = new byte[BUFFER_BYTES];
      long bytes = 0;
      for (BackupContents.Table table : contents.tables()) {
        MessageDigest digest = Digests.sha256();
        try (InputStream in = entry(zip, table.entry())) {
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            digest.update(buffer, 0, n);
            bytes += n;
          }
        }
        if (!HexFormat.of().formatHex(digest.digest()).equals(table.sha256())) {
          throw new StoreException("the rows of table %s have changed".formatted(table.name()));
        }
        progress.at("checking " + table.name(), 0, bytes);
      }
      return contents;
    } catch (IOException | StoreException e) {
      throw new StoreException(
          "the backup %s is damaged, and nothing was changed: %s".formatted(file, e.getMessage()),
          e);
    }
  }

  private static BackupContents contents(ZipFile zip) throws IOException {
    try (InputStream in = entry(zip, BackupContents.ENTRY)) {
      return BackupContents.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static InputStream entry(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new StoreException("it lacks its part " + name);
    }
    return zip.getInputStream(entry);
  }

  /** Restores {@code file}, which was checked, into the database at {@code address}. */
  static void read(DatabaseAddress address, Path file, BackupProgress progress) {
    try (var zip = new ZipFile(file.toFile());
        Connection connection = address.connect("krafla-restore")) {
      new Restore(address, progress).read(connection, zip);
    } catch (IOException e) {
      throw new StoreException(
          "cannot read the backup %s; nothing was changed: %s".formatted(file, Folders.reason(e)),
          e);
    } catch (SQLException e) {
      throw new StoreException(
          "cannot restore into %s; nothing was changed: %s".formatted(address, e.getMessage()), e);
    }
  }

  private void read(Connection connection, ZipFile zip) throws SQLException, IOException {
    BackupContents contents = contents(zip);
    refuseWhileInUse(connection);
    execute(connection, "DROP SCHEMA IF EXISTS %s CASCADE".formatted(BESIDE)); // of one killed
    execute(connection, "CREATE SCHEMA " + BESIDE);
    Migrations.applyOnly(address, BESIDE, contents.migrations());
    fill(connection, zip, contents);
    progress.at("bringing the schema up to date", 0, moved);
    Migrations.apply(address, BESIDE);
    connection.setAutoCommit(false);
    execute(connection, "DROP SCHEMA IF EXISTS %s CASCADE".formatted(Migrations.SCHEMA));
    execute(connection, "ALTER SCHEMA %s RENAME TO %s".formatted(BESIDE, Migrations.SCHEMA));
    connection.commit();
    connection.setAutoCommit(true);
    execute(connection, "ANALYZE");
  }

  private void refuseWhileInUse(Connection connection) throws SQLException {
    try (PreparedStatement query =
            connection.prepareStatement(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'krafla'
                """);
        ResultSet rows = query.executeQuery()) {
      rows.next();
      if (rows.getLong(1) > 0) {
        throw new StoreException(
            "the database %s is in use by a running Krafla, which would not notice that its rows"
                    .formatted(address)
                + " change; stop it first, then restore");
      }
    }
  }

  private void fill(Connection connection, ZipFile zip, BackupContents contents)
      throws SQLException, IOException {
    var schema = new SchemaCatalog(connection, BESIDE);
    connection.setAutoCommit(false);
    execute(connection, "SET LOCAL search_path TO " + BESIDE);
    // Rows come table by table: what ties tables together is made again, and checked, at the end.
    List<SchemaCatalog.ForeignKey> keys = schema.foreignKeys();
    for (SchemaCatalog.ForeignKey key : keys) {
      execute(
          connection,
          "ALTER TABLE %s DROP CONSTRAINT %s"
              .formatted(schema.quoted(key.table()), SchemaCatalog.identifier(key.name())));
    }
    for (String table : schema.tables()) {
      execute(connection, "ALTER TABLE %s DISABLE TRIGGER USER".formatted(schema.quoted(table)));
      execute(connection, "TRUNCATE " + schema.quoted(table)); // rows that migrations put there
    }
    for (BackupContents.Table table : contents.tables()) {
      copyIn(connection, zip, schema, table);
    }
    for (String table : schema.tables()) {
      execute(connection, "ALTER TABLE %s ENABLE TRIGGER USER".formatted(schema.quoted(table)));
    }
    for (SchemaCatalog.ForeignKey key : keys) {
      execute(
          connection,
          "ALTER TABLE %s ADD CONSTRAINT %s %s"
              .formatted(
                  schema.quoted(key.table()),
                  SchemaCatalog.identifier(key.name()),
                  key.definition()));
    }
    for (BackupContents.Sequence sequence : contents.sequences()) {
      try (PreparedStatement set = connection.prepareStatement("SELECT setval(?::regclass, ?)")) {
        set.setString(1, schema.quoted(sequence.name()));
        set.setLong(2, sequence.last());
        set.execute();
      }
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  private void copyIn(
      Connection connection, ZipFile zip, SchemaCatalog schema, BackupContents.Table table)
      throws SQLException, IOException {
    CopyManager manager = connection.unwrap(PGConnection.class).getCopyAPI();
    var copy =
        manager.copyIn(
            "COPY %s (%s) FROM STDIN"
                .formatted(schema.quoted(table.name()), SchemaCatalog.quoted(table.columns())));
    var buffer = new byte[BUFFER_BYTES];
    long reported = moved;
    try (InputStream in = entry(zip, table.entry())) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        copy.writeToCopy(buffer, 0, n);
        moved += n;
        if (moved - reported >= REPORT_EVERY_BYTES) {
          reported = moved;
          progress.at(table.name(), 0, moved);
        }
      }
      long rows = copy.endCopy();
      if (rows != table.rows()) {
        throw new StoreException(
            "table %s has %d rows in the backup and %d after it was read; nothing was changed"
                .formatted(table.name(), table.rows(), rows));
      }
      progress.at(table.name(), rows, moved);
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
