package dev.krafla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krafla.testing.ChildJvm;
import dev.krafla.testing.Damage;
import dev.krafla.testing.Fuzz;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From one database to another, by a file. */
class BackupTest {
  private static final int ROWS = 3_000;

  /** Equal where all rows of the log, the audit log and the instance are, in every column. */
  private static final String FINGERPRINT =
      """
      SELECT md5(string_agg(line, '|')) FROM (
        SELECT r::text AS line FROM request_log r WHERE r.endpoint = '/v1/first'
        UNION ALL SELECT a::text FROM audit_log a WHERE a.actor = 'first'
        UNION ALL SELECT i::text FROM instance i
        ORDER BY 1)
      """;

  @TempDir private Path folder;

  @Test
  void bringsEveryColumnOfEveryRowWhileOthersWrite() throws Exception {
    DatabaseAddress from;
    String before;
    Path file = folder.resolve("krafla.backup");
    BackupContents contents;
    try (Database database = TestDatabase.create()) {
      from = database.address();
      fill(database);
      before = fingerprint(database);
      var done = new AtomicBoolean();
      var pairs = new AtomicInteger();
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                while (!done.get()) {
                  database.jdbi().useTransaction(h -> pair(h, pairs.incrementAndGet()));
                }
              });
      while (pairs.get() < 10) {
        Thread.onSpinWait();
      }
      contents = Backup.write(from, file, BackupProgress.NONE);
      done.set(true);
      writer.join();
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(contents.rows()).isGreaterThan(ROWS);
    DatabaseAddress into = TestDatabase.empty();
    assertThat(Restore.check(file, BackupProgress.NONE)).isEqualTo(contents);
    Restore.read(into, file, BackupProgress.NONE);
    try (Database restored = Database.open(into)) {
      assertThat(fingerprint(restored)).isEqualTo(before);
      long asked = count(restored, "SELECT count(*) FROM request_log WHERE endpoint = '/pair'");
      long audited = count(restored, "SELECT count(*) FROM audit_log WHERE actor = 'pair'");
      assertThat(asked).as("one snapshot").isEqualTo(audited).isGreaterThanOrEqualTo(9);
      restored.jdbi().useTransaction(h -> pair(h, 1_000_000)); // it can be gone on with
    }
  }

  @Test
  void comesFromAnotherMajorVersion() throws IOException {
    Path jar = Path.of("target/postgres-17.jar");
    assumeTrue(Files.exists(jar), "the older server is fetched on Linux and x86-64 only");
    var archive = URI.create("jar:%s!/postgres-linux-x86_64.txz".formatted(jar.toUri())).toURL();
    Path file = folder.resolve("krafla.backup");
    String before;
    try (EmbeddedPostgres old =
        EmbeddedPostgres.start(
            folder.resolve("home"), TestDatabase.cache(), archive, ServerSettings.FAST)) {
      assertThat(old.version()).startsWith("17.");
      Database.make(old.address());
      try (Database database = Database.open(old.address())) {
        fill(database);
        before = fingerprint(database);
      }
      assertThat(Backup.write(old.address(), file, BackupProgress.NONE).postgres())
          .startsWith("17.");
    }
    DatabaseAddress into = TestDatabase.empty();
    Restore.read(into, file, BackupProgress.NONE);
    try (Database restored = Database.open(into)) {
      assertThat(fingerprint(restored)).isEqualTo(before);
    }
  }

  @Test
  void refusesADamagedFileOrBringsWhatWasInIt() throws IOException {
    Path file = folder.resolve("krafla.backup");
    BackupContents contents;
    try (Database database = TestDatabase.create()) {
      fill(database);
      contents = Backup.write(database.address(), file, BackupProgress.NONE);
    }
    byte[] whole = Files.readAllBytes(file);
    Path damaged = folder.resolve("damaged.backup");
    Fuzz.check(
        200,
        Duration.ofSeconds(10),
        random -> {
          Files.write(
              damaged, random.nextInt(4) == 0 ? cut(whole, random) : flipped(whole, random));
          try {
            // A flipped bit of a time in the ZIP's own records harms nothing.
            BackupContents found = Restore.check(damaged, BackupProgress.NONE);
            assertThat(found.tables()).isEqualTo(contents.tables());
            return true;
          } catch (StoreException e) {
            assertThat(e).hasMessageContaining("damaged, and nothing was changed");
            return false;
          }
        });
  }

  @Test
  void readsAnyTextAsContentsOrRefusesIt() {
    var contents =
        new BackupContents(
            Instant.EPOCH,
            "18.6",
            List.of("001"),
            List.of(new BackupContents.Table("t", List.of("a", "b"), 2, 30, "00ff")),
            List.of(new BackupContents.Sequence("s", 7)));
    assertThat(BackupContents.parse(contents.text())).isEqualTo(contents);
    List<String> lines = contents.text().lines().toList();
    String inner = String.join("\n", lines.subList(1, lines.size() - 1));
    Fuzz.check(
        2_000,
        Duration.ofSeconds(2),
        random -> {
          try {
            String damaged = Damage.text(inner, List.of("\t", "\n", "table\t"), random);
            BackupContents.parse(damaged.lines().toList());
            return true;
          } catch (StoreException e) {
            return false;
          }
        });
  }

  @Test
  void leavesADatabaseInUseAlone() {
    Path file = folder.resolve("krafla.backup");
    try (Database database = TestDatabase.create()) {
      Backup.write(database.address(), file, BackupProgress.NONE);
      String before = fingerprint(database);
      assertThatThrownBy(() -> Restore.read(database.address(), file, BackupProgress.NONE))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("in use by a running Krafla");
      assertThat(fingerprint(database)).isEqualTo(before);
      assertThatThrownBy(() -> Backup.write(database.address(), file, BackupProgress.NONE))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("exists already");
    }
  }

  @Test
  void refusesABackupOfANewerKrafla() throws IOException {
    Path file = folder.resolve("krafla.backup");
    try (Database database = TestDatabase.create()) {
      Backup.write(database.address(), file, BackupProgress.NONE);
    }
    Path newer = folder.resolve("newer.backup");
    rewrite(file, newer, List.of("999"));
    assertThatThrownBy(() -> Restore.read(TestDatabase.empty(), newer, BackupProgress.NONE))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("of a newer Krafla")
        .hasMessageContaining("migration 999");
  }

  @Test
  void leavesWhatWasThereWhenItIsKilled() {
    Path file = folder.resolve("krafla.backup");
    try (Database source = TestDatabase.create()) {
      fill(source);
      Backup.write(source.address(), file, BackupProgress.NONE);
    }
    DatabaseAddress into;
    String before;
    try (Database target = TestDatabase.create()) {
      into = target.address();
      before = fingerprint(target);
    }
    for (String moment : List.of("request_log", "bringing the schema up to date")) {
      try (ChildJvm child =
          ChildJvm.start(
              KilledRestore.class,
              into.jdbcUrl(),
              into.user(),
              into.password(),
              file.toString(),
              moment)) {
        assertThat(child.exitCode()).isEqualTo(137);
      }
      try (Database target = Database.open(into)) {
        assertThat(fingerprint(target)).as(moment).isEqualTo(before);
      }
    }
    Restore.read(into, file, BackupProgress.NONE);
    try (Database target = Database.open(into)) {
      assertThat(count(target, "SELECT count(*) FROM request_log")).isEqualTo(ROWS);
    }
  }

  /** Restores in a JVM that ends as by SIGKILL when the part that its argument names is reached. */
  static final class KilledRestore {
    private KilledRestore() {}

    public static void main(String[] args) {
      Restore.read(
          new DatabaseAddress(args[0], args[1], args[2]),
          Path.of(args[3]),
          (part, rows, bytes) -> {
            if (part.equals(args[4])) {
              Runtime.getRuntime().halt(137);
            }
          });
    }
  }

  @Test
  void saysThatThereIsNothingToBackUp() {
    assertThatThrownBy(
            () -> Backup.write(folder, Map.of(), folder.resolve("b"), BackupProgress.NONE))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("nothing to back up");
  }

  private static void fill(Database database) {
    database
        .jdbi()
        .useTransaction(handle -> {
          handle.execute(
              """
              INSERT INTO request_log (id, request_id, begun, endpoint, key_name, model,
                streamed, status, total_micros, client_address, request, answer, cut)
              SELECT gen_random_uuid(), 'r' || i, now() - i * interval '1 second', '/v1/first',
                CASE WHEN i % 3 = 0 THEN E'tab\\tnew\\nline\\\\N' END, 'm', i % 2 = 0, 200, i,
                '::1', 'Größe 大小 🌋 ' || i, repeat('lava ', i % 50), false
              FROM generate_series(1, ?) AS i
              """,
              ROWS);
          for (int i = 1; i <= 20; i++) {
            audit(handle, "first");
          }
        });
  }

  private static void pair(Handle handle, int number) {
    handle.execute(
        """
        INSERT INTO request_log (id, request_id, begun, endpoint, model, streamed, status,
          total_micros, client_address, request, answer, cut)
        VALUES (gen_random_uuid(), ?, now(), '/pair', 'm', false, 200, 1, '::1', '', '', false)
        """,
        "p" + number);
    audit(handle, "pair");
  }

  private static void audit(Handle handle, String actor) {
    handle.execute(
        """
        INSERT INTO audit_log (seq, at, actor, action, subject, details, previous, hash)
        SELECT coalesce(max(seq), 0) + 1, now(), ?, 'a', 's', '{}',
          decode(repeat('00', 32), 'hex'), decode(repeat('ff', 32), 'hex')
        FROM audit_log
        """,
        actor);
  }

  private static String fingerprint(Database database) {
    return database.jdbi().withHandle(h -> h.createQuery(FINGERPRINT).mapTo(String.class).one());
  }

  private static long count(Database database, String sql) {
    return database.jdbi().withHandle(h -> h.createQuery(sql).mapTo(Long.class).one());
  }

  private static byte[] cut(byte[] whole, SplittableRandom random) {
    return Arrays.copyOf(whole, random.nextInt(whole.length));
  }

  private static byte[] flipped(byte[] whole, SplittableRandom random) {
    byte[] bytes = whole.clone();
    // Half of them in the lists at the end, which are small beside the rows.
    int from = random.nextBoolean() ? 0 : Math.max(0, bytes.length - 2_000);
    bytes[random.nextInt(from, bytes.length)] ^= (byte) (1 << random.nextInt(8));
    return bytes;
  }

  /** The same backup, said to be of a schema with other migrations. */
  private static void rewrite(Path from, Path to, List<String> migrations) throws IOException {
    BackupContents old = Restore.check(from, BackupProgress.NONE);
    var contents =
        new BackupContents(
            old.created(), old.postgres(), migrations, old.tables(), old.sequences());
    try (var in = new ZipFile(from.toFile());
        var out = new ZipOutputStream(Files.newOutputStream(to))) {
      for (ZipEntry entry : in.stream().toList()) {
        byte[] bytes = in.getInputStream(entry).readAllBytes();
        boolean list = entry.getName().equals(BackupContents.ENTRY);
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(list ? contents.text().getBytes(StandardCharsets.UTF_8) : bytes);
        out.closeEntry();
      }
    }
  }
}
