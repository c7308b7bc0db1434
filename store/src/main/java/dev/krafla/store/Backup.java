package dev.krafla.store;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * Writes all of Krafla's tables to one file, from one snapshot, while others read and write: a ZIP
 * with an entry of COPY text per table and their digests in {@link BackupContents}. It holds no
 * schema, which the migrations make again, and so can be read into any version of PostgreSQL.
 */
public final class Backup {
  private static final long REPORT_EVERY_BYTES = 1 << 20;

  private final Connection connection;
  private final BackupProgress progress;
  private long written;

  private Backup(Connection connection, BackupProgress progress) {
    this.connection = connection;
    this.progress = progress;
  }

  /**
   * Backs up the database that {@link Database#open(Path, Map)} would open; one that another
   * process has open is read beside it.
   *
   * @param file must not exist; it appears when it is whole and on disk, open to its owner only
   * @throws StoreException when there is nothing to back up, or it fails
   */
  public static BackupContents write(
      Path home, Map<String, String> environment, Path file, BackupProgress progress) {
    String url = environment.getOrDefault(Database.URL_VARIABLE, "");
    if (!url.isBlank()) {
      return write(DatabaseAddress.parse(url), file, progress);
    }
    Optional<DatabaseAddress> running = EmbeddedPostgres.running(home);
    if (running.isPresent()) {
      return write(running.get(), file, progress);
    }
    if (!Files.isDirectory(Cluster.folder(home))) {
      throw new StoreException(
          "there is nothing to back up: %s holds no database, and DATABASE_URL names none"
              .formatted(home));
    }
    try (EmbeddedPostgres server = EmbeddedPostgres.start(home)) {
      return write(server.address(), file, progress);
    }
  }

  /** Backs up the database at {@code address}. */
  static BackupContents write(DatabaseAddress address, Path file, BackupProgress progress) {
    if (Files.exists(file)) {
      throw new StoreException(
          "%s exists already; name a new file, or remove that one".formatted(file));
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Folders.writePrivate(part, "");
      BackupContents contents;
      try (Connection connection = address.connect("krafla-backup");
          var out =
              new ZipOutputStream(
                  new BufferedOutputStream(
                      Files.newOutputStream(part, StandardOpenOption.TRUNCATE_EXISTING)))) {
        contents = new Backup(connection, progress).write(out);
      }
      try (FileChannel whole = FileChannel.open(part, StandardOpenOption.WRITE)) {
        whole.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      return contents;
    } catch (IOException e) {
      throw new StoreException(
          "cannot write the backup %s: %s".formatted(file, Folders.reason(e)), e);
    } catch (SQLException e) {
      throw new StoreException(
          "cannot read the database %s: %s".formatted(address, e.getMessage()), e);
    } finally {
      Folders.deleteQuietly(part);
    }
  }

  private BackupContents write(ZipOutputStream out) throws SQLException, IOException {
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setReadOnly(true);
    var schema = new SchemaCatalog(connection, Migrations.SCHEMA);
    List<String> migrations = schema.migrations();
    if (migrations.isEmpty()) {
      throw new StoreException("there is nothing to back up: the database has no tables of Krafla");
    }
    var tables = new ArrayList<BackupContents.Table>();
    for (String table : schema.tables()) {
      tables.add(table(out, schema, table));
    }
    // After the rows: sequences are in no snapshot, and none may be behind its table.
    List<BackupContents.Sequence> sequences = schema.sequences();
    var contents =
        new BackupContents(
            Instant.now().truncatedTo(ChronoUnit.SECONDS),
            connection.getMetaData().getDatabaseProductVersion(),
            migrations,
            tables,
            sequences);
    out.putNextEntry(new ZipEntry(BackupContents.ENTRY));
    out.write(contents.text().getBytes(StandardCharsets.UTF_8));
    out.closeEntry();
    return contents;
  }

  private BackupContents.Table table(ZipOutputStream out, SchemaCatalog schema, String table)
      throws SQLException, IOException {
    List<String> columns = schema.columns(table);
    CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
    out.putNextEntry(new ZipEntry("tables/" + table));
    var counted = new Counted(out, table);
    long rows =
        copy.copyOut(
            "COPY (SELECT %s FROM %s) TO STDOUT"
                .formatted(SchemaCatalog.quoted(columns), schema.quoted(table)),
            counted);
    out.closeEntry();
    progress.at(table, rows, written);
    return new BackupContents.Table(
        table, columns, rows, counted.bytes, HexFormat.of().formatHex(counted.digest.digest()));
  }

  /** Counts and digests what goes through; never closes what is behind it. */
  private final class Counted extends FilterOutputStream {
    private final MessageDigest digest = Digests.sha256();
    private final String table;
    private long bytes;
    private long reported;

    Counted(OutputStream out, String table) {
      super(out);
      this.table = table;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      out.write(from, offset, length);
      digest.update(from, offset, length);
      bytes += length;
      written += length;
      if (bytes - reported >= REPORT_EVERY_BYTES) {
        reported = bytes;
        progress.at(table, 0, written);
      }
    }

    @Override
    public void close() {}
  }
}
