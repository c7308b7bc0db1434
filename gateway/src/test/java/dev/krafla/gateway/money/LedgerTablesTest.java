package dev.krafla.gateway.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.Spending;
import dev.krafla.store.Database;
import dev.krafla.store.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTablesTest {
  private static final Instant AT = Instant.parse("2026-11-24T12:34:56.789Z");
  private static final Caller CALLER =
      new Caller(5, "k", 1, Optional.of(2L), Optional.empty(), Optional.of(4L), "salt");

  @AutoClose private final Database database = TestDatabase.create();
  @TempDir private Path folder;

  private static Usage usage(long id, long tokens) {
    return new Usage(
        id,
        AT,
        AT.plusSeconds(3),
        Payers.of(CALLER),
        "mo\0del",
        new Spending("p", "m", tokens, 1, tokens, 0, 10 * tokens),
        Usage.Outcome.SETTLED);
  }

  private LedgerTables claimed() {
    var tables = new LedgerTables(database.jdbi(), UUID.randomUUID());
    tables.claim(false);
    return tables;
  }

  @Test
  void everyStatementFitsTheSchema() throws SQLException {
    try (Connection connection = database.connections().getConnection()) {
      for (String sql : LedgerTables.STATEMENTS) {
        String numbered = sql.replaceAll("(?<!:):[a-z]+", "?");
        assertThat(connection.prepareStatement(numbered).getParameterMetaData()).isNotNull();
      }
    }
  }

  @Test
  void aRequestThatIsWrittenTwiceCountsOnce() {
    LedgerTables tables = claimed();
    tables.write(List.of(usage(1, 10), usage(2, 20)), _ -> ZoneOffset.UTC);
    int added = tables.write(List.of(usage(2, 20), usage(3, 30)), _ -> ZoneOffset.UTC);

    assertThat(added).isEqualTo(1);
    for (Period period : Period.values()) {
      assertThat(tables.spent(period, period.start(AT, ZoneOffset.UTC)))
          .hasSize(4)
          .allSatisfy(s -> {
            assertThat(s.nanodollars()).isEqualTo(600);
            assertThat(s.tokens()).isEqualTo(120);
          });
    }
  }

  @Test
  void theDatabaseBelongsToOneJournalUntilAnotherTakesItOver() {
    LedgerTables first = claimed();
    var second = new LedgerTables(database.jdbi(), UUID.randomUUID());

    assertThatIllegalStateException()
        .isThrownBy(() -> second.claim(false))
        .withMessageContaining("one gateway per database");

    second.claim(true);
    assertThatIllegalStateException()
        .isThrownBy(() -> first.write(List.of(usage(1, 1)), _ -> ZoneOffset.UTC));
  }

  private DurableLedger open(ZoneId zone) throws IOException {
    DurableLedger ledger =
        DurableLedger.open(
            database.jdbi(), folder, Journal.Sizes.DEFAULT, InstantSource.system(), false);
    ledger.open(1, zone);
    return ledger;
  }

  @Test
  void aNewProcessKnowsWhatTheLastOneHadSpentAndMayHaveSpent() throws IOException {
    ZoneId zone = ZoneId.of("Asia/Kolkata");
    database
        .jdbi()
        .useHandle(h ->
            h.execute(
                "INSERT INTO organisations (name, zone, salt) VALUES ('o', ?, 's')", zone.getId()));
    long openId;
    try (DurableLedger durable = open(zone)) {
      Ledger ledger = durable.ledger();
      Ledger.Path path = ledger.path(CALLER);
      Estimate most = new Estimate("m", 100, 100, 1_000);
      ledger.reserve(path, CALLER, most).settle(new Spending("p", "m", 10, 0, 5, 0, 70));
      ledger.reserve(path, CALLER, most).close();
      openId = ledger.reserve(path, CALLER, most).id();
    }
    try (DurableLedger durable = open(zone)) {
      for (AccountId account : Payers.of(CALLER).accounts()) {
        Balance total = durable.ledger().balances(1, account).getLast();
        assertThat(total.spentNanodollars()).isEqualTo(1_070);
        assertThat(total.spentTokens()).isEqualTo(215);
        assertThat(total.reservedTokens()).isZero();
      }
      assertThat(durable.resolve(openId, new Spending("p", "m", 90, 0, 1, 0, 500))).isTrue();
      assertThat(durable.resolve(openId, new Spending("p", "m", 90, 0, 1, 0, 500))).isFalse();
      Reservation next =
          durable
              .ledger()
              .reserve(durable.ledger().path(CALLER), CALLER, new Estimate("m", 1, 1, 1));
      assertThat(next.id()).isGreaterThan(openId);
      next.close();
    }
    try (DurableLedger durable = open(zone)) {
      Balance day = durable.ledger().balances(1, new AccountId(Level.KEY, 5)).get(1);
      assertThat(day.spentNanodollars()).isEqualTo(570);
      assertThat(day.spentTokens()).isEqualTo(106);
    }
  }
}
