package dev.krafla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.UUID;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What the rest of Krafla sees of the store. */
class DatabaseTest {
  @AutoClose private static final Database DATABASE = TestDatabase.create();

  /** As in the table. */
  public record Instance(UUID id, Instant createdAt) {}

  @Test
  void readsRecords() {
    Instance one =
        DATABASE
            .jdbi()
            .withHandle(handle ->
                handle
                    .registerRowMapper(ConstructorMapper.factory(Instance.class))
                    .createQuery("SELECT id, created_at FROM instance")
                    .mapTo(Instance.class)
                    .one());
    assertThat(one.createdAt()).isBefore(Instant.now());
  }

  @Test
  void tellsWhereItIsWithoutThePassword() {
    assertThat(DATABASE.address().toString())
        .startsWith("postgresql://127.0.0.1:")
        .endsWith(" as krafla")
        .doesNotContain(DATABASE.address().password());
  }

  @Test
  void saysWhyAServerCannotBeHadAndKeepsItsPassword() {
    DatabaseAddress wrong =
        new DatabaseAddress(DATABASE.address().jdbcUrl(), "krafla", "hush-hush");
    assertThatThrownBy(() -> Database.open(wrong))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot open the database postgresql://127.0.0.1:")
        .hasMessageContaining("password authentication failed")
        .hasMessageNotContaining("hush-hush");
  }
}
