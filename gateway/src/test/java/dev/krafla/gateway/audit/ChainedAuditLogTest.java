package dev.krafla.gateway.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.gateway.AuditLog.Change;
import dev.krafla.store.Database;
import dev.krafla.store.TestDatabase;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A log that only grows, and shows when somebody has made it otherwise. */
class ChainedAuditLogTest {
  @AutoClose private final Database database = TestDatabase.create();
  private final ChainedAuditLog log = new ChainedAuditLog(database, Clock.systemUTC());

  @Test
  void growsAndIsIntact() {
    assertThat(log.verify()).isEqualTo(new AuditVerdict.Intact(0, "0".repeat(64)));
    append(5);
    assertThat(log.verify())
        .isInstanceOfSatisfying(
            AuditVerdict.Intact.class, intact -> assertThat(intact.entries()).isEqualTo(5));
    assertThat(log.newest(Long.MAX_VALUE, Optional.empty(), 2))
        .extracting(ChainedAuditLog.Written::seq)
        .containsExactly(5L, 4L);
    assertThat(log.newest(5, Optional.of("key:2"), 10))
        .extracting(written -> written.change().subject())
        .containsExactly("key:2");
  }

  @Test
  void comesAndGoesWithTheChangeItIsAbout() {
    database
        .jdbi()
        .useHandle(handle -> {
          handle.begin();
          log.add(handle, event(1));
          handle.rollback();
        });
    assertThat(log.verify()).isEqualTo(new AuditVerdict.Intact(0, "0".repeat(64)));
    database
        .jdbi()
        .useHandle(handle ->
            assertThatThrownBy(() -> log.add(handle, event(1)))
                .hasMessageContaining("transaction"));
  }

  @Test
  void keepsOneChainHoweverManyAppendAtOnce() throws InterruptedException {
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 6; i++) {
      threads.add(Thread.ofVirtual().start(() -> append(10)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(log.verify())
        .isInstanceOfSatisfying(
            AuditVerdict.Intact.class, intact -> assertThat(intact.entries()).isEqualTo(60));
  }

  @Test
  void refusesToForget() {
    append(2);
    for (String sql :
        new String[] {
          "UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log", "TRUNCATE audit_log"
        }) {
      assertThatThrownBy(() -> execute(sql)).hasMessageContaining("the audit log only grows");
    }
  }

  @Test
  void findsAChangedEntry() {
    append(4);
    behindItsBack("UPDATE audit_log SET details = '{\"limit\":1000000}' WHERE seq = 3");
    assertThat(log.verify())
        .isEqualTo(new AuditVerdict.Broken(3, "it was changed after it was written"));
  }

  @Test
  void findsAMissingEntry() {
    append(4);
    behindItsBack("DELETE FROM audit_log WHERE seq = 2");
    assertThat(log.verify())
        .isInstanceOfSatisfying(
            AuditVerdict.Broken.class, broken -> assertThat(broken.seq()).isEqualTo(2));
  }

  @Test
  void findsAnEntryThatWasHashedAnewButNotThoseAfterIt() {
    append(3);
    AuditEntry forged =
        AuditEntry.next(1, Clock.systemUTC().instant(), event(99), new byte[AuditEntry.HASH_BYTES]);
    behindItsBack("DELETE FROM audit_log WHERE seq = 1");
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "INSERT INTO audit_log VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                1L,
                forged.at(),
                forged.change().actor(),
                forged.change().action(),
                forged.change().subject(),
                forged.change().detail(),
                forged.previous(),
                forged.hash()));
    assertThat(log.verify())
        .isEqualTo(new AuditVerdict.Broken(2, "it does not follow from the entry before"));
  }

  private void append(int entries) {
    for (int i = 1; i <= entries; i++) {
      log.add(event(i));
    }
  }

  private static Change event(int number) {
    return new Change("user:ada", "key.create", "key:" + number, "{\"name\":\"ci\"}");
  }

  private void behindItsBack(String sql) {
    execute("ALTER TABLE audit_log DISABLE TRIGGER USER");
    execute(sql);
    execute("ALTER TABLE audit_log ENABLE TRIGGER USER");
  }

  private void execute(String sql) {
    database.jdbi().useHandle(handle -> handle.execute(sql));
  }
}
