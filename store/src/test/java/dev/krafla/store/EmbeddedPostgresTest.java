package dev.krafla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.testing.ChildJvm;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server of our own, with what is durable about it switched on. */
class EmbeddedPostgresTest {
  @TempDir(factory = MemoryFolder.class)
  private static Path template;

  @TempDir(factory = MemoryFolder.class)
  private Path home;

  /** Making a data folder takes seconds; each test gets a copy of one. */
  @BeforeAll
  static void makeOneDataFolder() throws IOException {
    Files.createSymbolicLink(template.resolve("cache"), TestDatabase.cache().resolveSibling(""));
    EmbeddedPostgres.start(template).close();
  }

  @BeforeEach
  void copyIt() {
    String all = template + "/.";
    assertThat(Commands.run(List.of("cp", "-a", all, home.toString())).ok()).isTrue();
  }

  /** Tests that failed may have left one. */
  @AfterEach
  void stopWhatIsLeft() {
    ServerProcess.find(Cluster.folder(home)).ifPresent(s -> EmbeddedPostgres.start(home).close());
  }

  @Test
  void keepsWhatWasWrittenFromOneStartToTheNext() {
    String id;
    try (Database database = Database.open(home, Map.of())) {
      id = instance(database);
    }
    assertThat(ServerProcess.find(Cluster.folder(home))).isEmpty();
    try (Database database = Database.open(home, Map.of())) {
      assertThat(instance(database)).isEqualTo(id);
      assertThat(setting(database, "fsync")).isEqualTo("on");
      assertThat(setting(database, "synchronous_commit")).isEqualTo("on");
      assertThat(setting(database, "password_encryption")).isEqualTo("scram-sha-256");
      assertThat(setting(database, "listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(setting(database, "unix_socket_directories")).isEmpty();
    }
  }

  @Test
  void keepsItsPasswordToTheOwner() throws IOException {
    Path password = home.resolve("postgres/password");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(password).strip()).hasSizeGreaterThan(40);
    try (var left = Files.list(home.resolve("postgres"))) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("data-18", "lock", "owner", "password", "start.log");
    }
  }

  @Test
  void refusesASecondOwnerOfTheSameHome() {
    try (EmbeddedPostgres first = EmbeddedPostgres.start(home)) {
      assertThat(first.version()).startsWith("18.");
      assertThatThrownBy(() -> EmbeddedPostgres.start(home))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid())
          .hasMessageContaining("KRAFLA_HOME");
      try (ChildJvm second = ChildJvm.start(Owner.class, home.toString())) {
        assertThat(second.await("Exception in thread \"main\""))
            .contains("StoreException")
            .contains("in use by process " + ProcessHandle.current().pid());
      }
    }
  }

  @Test
  void takesOverTheServerThatAKilledJvmHasLeft() {
    long committed;
    try (ChildJvm owner = ChildJvm.start(Owner.class, home.toString())) {
      owner.await("ready");
      committed = Long.parseLong(owner.await("committed"));
      owner.kill();
    }
    long left = ServerProcess.find(Cluster.folder(home)).orElseThrow().pid();
    try (EmbeddedPostgres server = EmbeddedPostgres.start(home);
        Database database = Database.open(server.address())) {
      assertThat(server.pid()).isEqualTo(left);
      assertThat(counted(database)).isGreaterThanOrEqualTo(committed);
    }
    assertThat(ServerProcess.find(Cluster.folder(home))).isEmpty();
  }

  @Test
  void losesNothingThatWasCommittedWhenJvmAndServerAreKilled() throws Exception {
    for (int round = 1; round <= 2; round++) {
      long committed = 0;
      try (ChildJvm owner = ChildJvm.start(Owner.class, home.toString())) {
        owner.await("ready");
        for (int i = 0; i < 20 * round; i++) {
          committed = Long.parseLong(owner.await("committed"));
        }
        kill(ServerProcess.find(Cluster.folder(home)).orElseThrow().pid());
        owner.kill();
      }
      try (Database database = Database.open(home, Map.of())) {
        assertThat(counted(database)).isGreaterThanOrEqualTo(committed);
      }
    }
  }

  @Test
  void startsAServerThatDiedAgainWhereItWas() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.start(home)) {
      Database.make(server.address());
      try (Database database = Database.open(server.address())) {
        String id = instance(database);
        long first = server.pid();
        kill(first);
        server.awaitRestart(first);
        assertThat(onceItAnswers(database)).isEqualTo(id);
      }
    }
  }

  @Test
  void startsWhereAnotherProgramNowHasTheNumberOfAServerThatIsGone() throws Exception {
    Path file = home.resolve("postgres/data-18/postmaster.pid");
    Files.writeString(
        file,
        "%d%n%s%n1%n5432%n%n127.0.0.1%n  1  1%nready%n"
            .formatted(ProcessHandle.current().pid(), home.resolve("postgres/data-18")));
    try (Database database = Database.open(home, Map.of())) {
      assertThat(instance(database)).isNotEmpty();
    }
  }

  @Test
  void saysWhatThePermissionsOfItsDataShouldBe() throws IOException {
    Path data = home.resolve("postgres/data-18");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> EmbeddedPostgres.start(home))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(data + "\" has invalid permissions")
        .hasMessageContaining("Permissions should be");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void saysThatAHomeIsNoFolder() throws IOException {
    Path file = Files.createFile(home.resolve("file"));
    assertThatThrownBy(() -> EmbeddedPostgres.start(file))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot make the folder " + file)
        .hasMessageContaining("KRAFLA_HOME");
  }

  @Test
  void refusesAnArchiveThatIsDamaged() throws IOException {
    Path archive = home.resolve("postgres.txz");
    byte[] whole;
    try (var in = ServerBinaries.archive().openStream()) {
      whole = in.readAllBytes();
    }
    whole[whole.length / 2] ^= 1;
    Files.write(archive, whole);
    URL damaged = archive.toUri().toURL();
    Path cache = home.resolve("other-cache");
    assertThatThrownBy(() -> EmbeddedPostgres.start(home, cache, damaged, ServerSettings.DURABLE))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot unpack PostgreSQL");
    assertThat(cache).isEmptyDirectory();
  }

  private static String instance(Database database) {
    return database
        .jdbi()
        .withHandle(h -> h.createQuery("SELECT id::text FROM instance").mapTo(String.class).one());
  }

  private static String setting(Database database, String name) {
    return database
        .jdbi()
        .withHandle(h ->
            h.createQuery("SELECT current_setting(?)").bind(0, name).mapTo(String.class).one());
  }

  private static long counted(Database database) {
    return database
        .jdbi()
        .withHandle(h -> {
          long rows = h.createQuery("SELECT count(*) FROM public.counted").mapTo(Long.class).one();
          long last = h.createQuery("SELECT max(n) FROM public.counted").mapTo(Long.class).one();
          assertThat(rows).as("gaps").isEqualTo(last);
          return rows;
        });
  }

  private static String onceItAnswers(Database database) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try {
        return instance(database);
      } catch (JdbiException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  private static void kill(long pid) throws Exception {
    new ProcessBuilder("kill", "-KILL", Long.toString(pid)).start().waitFor();
  }
}
