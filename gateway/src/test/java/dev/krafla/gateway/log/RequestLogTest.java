package dev.krafla.gateway.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.RequestRecord;
import dev.krafla.gateway.Spending;
import dev.krafla.store.Database;
import dev.krafla.store.EmbeddedPostgres;
import dev.krafla.store.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What became of requests, in a real database. */
class RequestLogTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  @AutoClose private final Database database = TestDatabase.create();

  @Test
  void keepsWhatWasAskedAndWhatItTook() {
    try (RequestLog log = RequestLog.start(database, forever())) {
      log.record(request(1, "{\"model\":\"m\"}", "Größe 🌋"));
    }
    LogRow row = search().find(LogQuery.newest(10)).getFirst();
    assertThat(row.requestId()).isEqualTo("req-1");
    assertThat(row.begun()).isEqualTo(NOON.plusSeconds(1));
    assertThat(row.keyName()).contains("ci");
    assertThat(row.status()).isEqualTo(200);
    assertThat(row.provider()).contains("ours");
    assertThat(row.promptTokens()).contains(10L);
    assertThat(row.nanodollars()).contains(1_234L);
    assertThat(row.firstTokenMicros()).contains(20_000L);
    assertThat(row.totalMicros()).isEqualTo(500_000L);
    assertThat(row.answer()).isEqualTo("Größe 🌋");
    assertThat(row.cut()).isFalse();
  }

  @Test
  void keepsNoSecretsAndNoMoreOfABodyThanItMay() {
    try (RequestLog log =
        RequestLog.start(database, new LogSettings(10, 1 << 20, 100, Duration.ofDays(36_500)))) {
      log.record(request(1, "my key is sk-HUSHHUSHHUSHHUSH1234", "x".repeat(99) + "🌋 and more"));
      log.record(request(2, "nul \0 and half a pair \uD83C", ""));
    }
    assertThat(search().find(LogQuery.newest(10)))
        .satisfiesExactly(
            second -> assertThat(second.request()).isEqualTo("nul \uFFFD and half a pair \uFFFD"),
            first -> {
              assertThat(first.request()).isEqualTo("my key is [secret]");
              assertThat(first.answer()).isEqualTo("x".repeat(99) + "\uFFFD");
              assertThat(first.cut()).isTrue();
            });
  }

  @Test
  void findsByWordsKeyModelAndTime() {
    try (RequestLog log = RequestLog.start(database, forever())) {
      for (int i = 1; i <= 50; i++) {
        log.record(request(i, i % 10 == 0 ? "a volcano in Iceland" : "a river", ""));
      }
    }
    LogSearch search = search();
    assertThat(search.find(LogQuery.newest(100).text("iceland volcano"))).hasSize(5);
    assertThat(search.find(LogQuery.newest(100).text("volcano -iceland"))).isEmpty();
    assertThat(search.find(LogQuery.newest(7))).hasSize(7);
    var narrow =
        new LogQuery(
            NOON.plusSeconds(5),
            NOON.plusSeconds(9),
            Optional.of(7L),
            Optional.of(3L),
            Optional.of("m"),
            false,
            Optional.empty(),
            100);
    assertThat(search.find(narrow))
        .extracting(LogRow::requestId)
        .containsExactly("req-8", "req-7", "req-6", "req-5");
  }

  @Test
  void keepsARecordOnceThatComesTwice() {
    RequestRecord request = request(1, "once", "");
    try (RequestLog log = RequestLog.start(database, forever())) {
      log.record(request);
      log.record(request);
    }
    assertThat(search().find(LogQuery.newest(10))).hasSize(1);
  }

  @Test
  void deletesWhatIsOlderThanItsRetention() {
    try (RequestLog log = RequestLog.start(database, forever())) {
      log.record(request(1, "old", ""));
    }
    try (RequestLog log =
        RequestLog.start(database, new LogSettings(10, 1 << 20, 100, Duration.ZERO))) {
      log.deleteOld();
    }
    assertThat(search().find(LogQuery.newest(10))).isEmpty();
  }

  @Test
  void dropsAndCountsWhatDoesNotFit() {
    var log = RequestLog.start(database, new LogSettings(10, 1_000, 100, Duration.ofDays(36_500)));
    for (int i = 1; i <= 5; i++) {
      log.record(request(i, "x".repeat(2_000), "")); // more bytes than may wait
    }
    log.record(request(6, "small", ""));
    log.close();
    assertThat(log.dropped()).isEqualTo(5);
    assertThat(log.written()).isEqualTo(1);
  }

  @Test
  void catchesUpAfterTheServerWasGone(@TempDir Path home) throws Exception {
    int requests = 2_000;
    try (EmbeddedPostgres server = EmbeddedPostgres.start(home);
        Database kept = Database.open(server.prepared())) {
      RequestLog log = RequestLog.start(kept, forever());
      for (int i = 1; i <= requests; i++) {
        log.record(request(i, "body " + i, ""));
        if (i % 500 == 0) { // killed at once, and started again by its owner
          new ProcessBuilder("kill", "-KILL", Long.toString(server.pid())).start().waitFor();
        }
      }
      while (log.written() < requests) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      log.close();
      assertThat(log.dropped()).isZero();
      assertThat(log.search().find(LogQuery.newest(1_000))).hasSize(1_000);
      long rows =
          kept.jdbi()
              .withHandle(
                  h -> h.createQuery("SELECT count(*) FROM request_log").mapTo(Long.class).one());
      assertThat(rows).isEqualTo(requests);
    }
  }

  private LogSearch search() {
    return new LogSearch(database.jdbi());
  }

  private static LogSettings forever() {
    return new LogSettings(5_000, 64 << 20, 64 << 10, Duration.ofDays(36_500));
  }

  private static RequestRecord request(int number, String request, String answer) {
    return new RequestRecord(
        new UUID(0, number),
        "req-" + number,
        NOON.plusSeconds(number),
        "/v1/chat/completions",
        Optional.of(
            new Caller(3, "ci", 7, Optional.of(5L), Optional.empty(), Optional.empty(), "salt")),
        "m",
        true,
        200,
        Optional.empty(),
        Optional.of(new Spending("ours", "m-1", 10, 4, 20, 0, 1_234)),
        Optional.of(Duration.ofMillis(20)),
        Duration.ofMillis(500),
        "127.0.0.1",
        request,
        answer);
  }
}
