package dev.krafla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server of our own, with what is durable about it switched on. */
class EmbeddedPostgresTest {
  @TempDir private Path home;

  @Test
  void keepsWhatWasWrittenFromOneStartToTheNext() {
    String id;
    try (Database database = Database.open(home, Map.of())) {
      id = instance(database);
    }
    try (Database database = Database.open(home, Map.of())) {
      assertThat(instance(database)).isEqualTo(id);
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
    }
  }

  private static String instance(Database database) {
    return database
        .jdbi()
        .withHandle(h -> h.createQuery("SELECT id::text FROM instance").mapTo(String.class).one());
  }
}
