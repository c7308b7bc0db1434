package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.gateway.AuditLog;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Spending;
import dev.krafla.gateway.access.AccessControl;
import dev.krafla.gateway.admin.AdminApi;
import dev.krafla.gateway.admin.PriceBook;
import dev.krafla.gateway.route.Pricing;
import dev.krafla.store.Database;
import dev.krafla.store.TestDatabase;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code krafla keys}, {@code usage} and {@code budget} against a real admin API. */
class KeysCommandTest {
  @TempDir private Path folder;

  private final Database database = TestDatabase.create();
  private AccessControl access;
  private WebServer server;
  private String admin = "";

  @BeforeEach
  void start() throws IOException {
    access =
        AccessControl.start(
            database.jdbi(), folder.resolve("journal"), AuditLog.NONE, ZoneOffset.UTC, false);
    admin = access.firstKey().orElseThrow().text();
    var prices =
        new PriceBook(database.jdbi(), AuditLog.NONE, InstantSource.system(), Pricing.FREE);
    server =
        WebServer.builder()
            .port(0)
            .routing(r -> r.register(AdminApi.PATH, new AdminApi(access, prices, database.jdbi())))
            .shutdownHook(false)
            .build()
            .start();
  }

  @AfterEach
  void stop() throws IOException {
    server.stop();
    access.close();
    database.close();
  }

  private CommandRun krafla(String... args) {
    return CommandRun.start(
        new KraflaHome(folder),
        Map.of("KRAFLA_ADMIN_KEY", admin, "KRAFLA_URL", "http://127.0.0.1:" + server.port()),
        args);
  }

  @Test
  void aKeyIsMadeListedRotatedAndRevoked() throws Exception {
    CommandRun create = krafla("keys", "create", "ci", "--model", "gemma*");
    String key = create.line("kr-.*");
    assertThat(create.exitCode()).isZero();
    assertThat(access.gatekeeper().identify(Optional.of(key), InetAddress.getLoopbackAddress()))
        .extracting(c -> c.keyName())
        .isEqualTo("ci");

    CommandRun list = krafla("keys", "list");
    list.line(" +1 +admin .* good, admin");
    list.line(" +2 +ci .* good");

    krafla("keys", "rotate", "2", "--overlap-hours", "1").line("kr-.*");
    krafla("keys", "revoke", "2").line("Key 2 \\('ci'\\) is revoked since .*");
    krafla("keys", "list").line(" +2 +ci .* revoked .*");
  }

  @Test
  void aBudgetIsSetAndShownWithWhatWasSpent() throws Exception {
    CommandRun create = krafla("keys", "create", "ci");
    String key = create.line("kr-.*");
    var caller = access.gatekeeper().identify(Optional.of(key), InetAddress.getLoopbackAddress());
    access
        .gatekeeper()
        .reserve(caller, new Estimate("m", 10, 10, 900))
        .settle(new Spending("p", "m", 10, 0, 5, 0, 500));

    CommandRun set = krafla("budget", "key", "2", "--set", "month=50", "--set", "day=1000tokens");
    set.line("day +0.0000005 +0 +15 +1,000 tokens");
    set.line("month +0.0000005 +0 +15 +\\$50");
    krafla("budget", "key", "2", "--drop", "day").line("day .* none");
    krafla("usage", "--by", "key", "--csv").line("key,requests,.*\r");
  }

  @Test
  void mistakesAreSaidInTheGatewaysWords() throws Exception {
    CommandRun wrong = krafla("budget", "key", "1", "--set", "year=5");
    assertThat(wrong.exitCode()).isEqualTo(1);
    assertThat(wrong.err()).contains("period is 'year'; it must be one of [hour, day");

    admin = "kr-wrong";
    CommandRun refused = krafla("usage");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("the API key is wrong").doesNotContain("kr-wrong");
  }
}
