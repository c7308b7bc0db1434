package dev.krafla.gateway.money;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.store.Database;
import dev.krafla.store.DatabaseAddress;
import dev.krafla.store.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 500 requests at once against budgets at every level, while the process that keeps the ledger is
 * killed, again and again: the upstream's own book says what is true.
 */
class KilledGatewayTest {
  private static final int CALLERS = 500;

  @TempDir private Path folder;

  @Test
  void killedTwiceItOverspendsNoLevelAndAgreesWithTheUpstreamToTheToken() throws Exception {
    killAndCompare(2, 1);
  }

  @Test
  @Tag("full")
  void killedFiftyTimesItOverspendsNoLevelAndAgreesWithTheUpstreamToTheToken() throws Exception {
    killAndCompare(50, 2);
  }

  private void killAndCompare(int kills, long seed) throws Exception {
    var random = new SplittableRandom(seed);
    try (Database database = TestDatabase.create();
        var upstream = new CountingUpstream()) {
      makeOrganisations(database);
      for (int i = 0; i < kills; i++) {
        int enough = upstream.book().size() + 2 * CALLERS + random.nextInt(2 * CALLERS);
        Process gateway = start(database.address(), upstream.port(), i);
        while (upstream.book().size() < enough) {
          assertThat(gateway.isAlive()).as("the gateway ended by itself; see its output").isTrue();
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1 + random.nextLong(5)));
        }
        gateway.destroyForcibly().waitFor(); // SIGKILL
      }
      compare(database, upstream.book());
    }
  }

  private static void makeOrganisations(Database database) {
    database
        .jdbi()
        .useHandle(h ->
            h.execute(
                "INSERT INTO organisations (name, zone, salt) VALUES ('a', 'Z', 's'), ('b', 'Z', 't')"));
  }

  private Process start(DatabaseAddress address, int upstreamPort, int seed) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-ea",
            "-cp",
            System.getProperty("java.class.path"),
            GatewayUnderFire.class.getName(),
            address.jdbcUrl(),
            address.user(),
            address.password(),
            folder.resolve("journal").toString(),
            Integer.toString(upstreamPort),
            Integer.toString(CALLERS),
            Integer.toString(seed))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("gateway-" + seed + ".log").toFile())
        .start();
  }

  /** A request as the ledger has it. */
  private record Row(long id, long tokens, long nanodollars, String outcome) {}

  private static List<Row> rows(Database database) {
    return database
        .jdbi()
        .withHandle(h ->
            h.createQuery(
                    "SELECT id, prompt_tokens + completion_tokens AS tokens, nanodollars, outcome FROM usage")
                .map((r, _) ->
                    new Row(
                        r.getLong("id"),
                        r.getLong("tokens"),
                        r.getLong("nanodollars"),
                        r.getString("outcome")))
                .list());
  }

  private void compare(Database database, Map<Long, CountingUpstream.Answered> book)
      throws IOException {
    Map<AccountId, Long> truth = sums(book);
    assertNoLevelWasOverspent(truth);
    // The next process takes up what the last one left.
    try (DurableLedger ledger = GatewayUnderFire.open(database, folder.resolve("journal"))) {
      assertThat(ledger.waiting()).isZero();
      assertEveryLevelHadAnAccountNearItsLimit(spending(database));
      int unresolved = resolve(ledger, rows(database), book);
      assertThat(unresolved).as("kills hit requests under way").isPositive();
      assertThat(rows(database)).allMatch(r -> r.outcome().equals("settled"));
      for (Map.Entry<AccountId, Long> account : truth.entrySet()) {
        long organisation = organisation(book, account.getKey());
        Balance total = ledger.ledger().balances(organisation, account.getKey()).getLast();
        assertThat(total.spentTokens()).as("%s", account.getKey()).isEqualTo(account.getValue());
        assertThat(total.spentNanodollars())
            .isEqualTo(account.getValue() * CountingUpstream.NANODOLLARS_PER_TOKEN);
        assertThat(total.reservedTokens()).isZero();
      }
    }
    assertThat(spending(database)).isEqualTo(truth);
  }

  /** Every row is the upstream's to the token; what a kill left open is not below it. */
  private static int resolve(
      DurableLedger ledger, List<Row> rows, Map<Long, CountingUpstream.Answered> book) {
    Set<Long> unknown = new HashSet<>(book.keySet());
    int unresolved = 0;
    for (Row row : rows) {
      CountingUpstream.Answered answered = book.get(row.id());
      unknown.remove(row.id());
      if (row.outcome().equals("settled")) {
        if (answered == null) {
          throw new AssertionError("request %d never reached the upstream".formatted(row.id()));
        }
        assertThat(row.tokens()).isEqualTo(answered.tokens());
        assertThat(row.nanodollars())
            .isEqualTo(answered.tokens() * CountingUpstream.NANODOLLARS_PER_TOKEN);
      } else {
        unresolved++;
        assertThat(row.tokens()).isGreaterThanOrEqualTo(answered == null ? 0 : answered.tokens());
        boolean was =
            ledger.resolve(
                row.id(),
                answered == null
                    ? GatewayUnderFire.spent(0, 0)
                    : GatewayUnderFire.spent(answered.prompt(), answered.completion()));
        assertThat(was).isTrue();
      }
    }
    assertThat(unknown).as("requests that the upstream answered and the ledger lost").isEmpty();
    return unresolved;
  }

  private static void assertNoLevelWasOverspent(Map<AccountId, Long> truth) {
    truth.forEach((account, tokens) ->
        assertThat(tokens).as("%s", account).isLessThanOrEqualTo(limit(account)));
  }

  private static long limit(AccountId account) {
    return GatewayUnderFire.terms(account).budgets().getFirst().tokens().orElseThrow();
  }

  /** Otherwise the budgets were never tried. */
  private static void assertEveryLevelHadAnAccountNearItsLimit(Map<AccountId, Long> charged) {
    Set<Level> near = EnumSet.noneOf(Level.class);
    charged.forEach((account, tokens) -> {
      assertThat(tokens).as("%s", account).isLessThanOrEqualTo(limit(account));
      if (tokens > limit(account) * 9 / 10) {
        near.add(account.level());
      }
    });
    assertThat(near).as("%s", charged).containsExactlyInAnyOrder(Level.values());
  }

  private static Map<AccountId, Long> sums(Map<Long, CountingUpstream.Answered> book) {
    Map<AccountId, Long> sums = new HashMap<>();
    book.values()
        .forEach(a ->
            a.payers().accounts().forEach(account -> sums.merge(account, a.tokens(), Long::sum)));
    return sums;
  }

  private static long organisation(Map<Long, CountingUpstream.Answered> book, AccountId account) {
    return book.values().stream()
        .map(CountingUpstream.Answered::payers)
        .filter(p -> p.accounts().contains(account))
        .findFirst()
        .orElseThrow()
        .organisationId();
  }

  private static Map<AccountId, Long> spending(Database database) {
    Map<AccountId, Long> sums = new HashMap<>();
    database
        .jdbi()
        .useHandle(h ->
            h.createQuery(
                    "SELECT level, account_id, tokens FROM spending WHERE period = 'total' AND tokens > 0")
                .map((r, _) ->
                    sums.put(
                        new AccountId(
                            Level.valueOf(r.getString("level").toUpperCase(java.util.Locale.ROOT)),
                            r.getLong("account_id")),
                        r.getLong("tokens")))
                .list());
    return sums;
  }
}
