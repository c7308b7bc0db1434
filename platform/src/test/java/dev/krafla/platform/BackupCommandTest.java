package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.store.Database;
import dev.krafla.store.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code krafla backup} and {@code krafla restore} against a server that DATABASE_URL names. */
class BackupCommandTest {
  @TempDir private Path folder;

  @Test
  void putsBackWhatWasThere() throws Exception {
    String before;
    Map<String, String> environment;
    String file = folder.resolve("monday.backup").toString();
    try (Database database = TestDatabase.create()) {
      environment = Map.of(Database.URL_VARIABLE, TestDatabase.url(database));
      before = instance(database);
      CommandRun backup = run(environment, "backup", file, "--json");
      assertThat(backup.exitCode()).as(backup.err()).isZero();
      JsonNode said = JsonMapper.shared().readTree(backup.out());
      assertThat(said.get("rows").asLong()).isPositive();
      assertThat(said.get("file").asString()).isEqualTo(file);
      assertThat(run(environment, "backup", file).exitCode()).isEqualTo(1); // exists

      CommandRun inUse = run(environment, "restore", file);
      assertThat(inUse.exitCode()).isEqualTo(1);
      assertThat(inUse.err()).contains("in use by a running Krafla");
      database.jdbi().useHandle(h -> h.execute("UPDATE instance SET id = gen_random_uuid()"));
    }
    CommandRun check = run(environment, "restore", file, "--check");
    assertThat(check.exitCode()).as(check.err()).isZero();
    CommandRun restore = run(environment, "restore", file);
    assertThat(restore.exitCode()).as(restore.err()).isZero();
    assertThat(restore.out()).contains("rows").contains("instance");
    try (Database database = Database.open(folder, environment)) {
      assertThat(instance(database)).isEqualTo(before);
    }
  }

  @Test
  void saysWhatIsWrongWithAFile() throws Exception {
    Path file = Files.writeString(folder.resolve("no.backup"), "no backup");
    CommandRun restore = run(Map.of(), "restore", file.toString());
    assertThat(restore.exitCode()).isEqualTo(1);
    assertThat(restore.err()).contains("is damaged, and nothing was changed");
    CommandRun backup = run(Map.of(), "backup", folder.resolve("new.backup").toString());
    assertThat(backup.exitCode()).isEqualTo(1);
    assertThat(backup.err()).contains("there is nothing to back up");
  }

  private CommandRun run(Map<String, String> environment, String... words) throws Exception {
    CommandRun run = CommandRun.start(new KraflaHome(folder), environment, words);
    run.exitCode();
    return run;
  }

  private static String instance(Database database) {
    return database
        .jdbi()
        .withHandle(h -> h.createQuery("SELECT id::text FROM instance").mapTo(String.class).one());
  }
}
