package dev.krafla.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.gateway.AuditLog;
import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.Spending;
import dev.krafla.gateway.access.AccessControl;
import dev.krafla.gateway.route.Pricing;
import dev.krafla.store.Database;
import dev.krafla.store.TestDatabase;
import dev.krafla.wire.Json;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class AdminApiTest {
  private static final InetAddress HOME = InetAddress.getLoopbackAddress();

  @TempDir private Path folder;

  private final Database database = TestDatabase.create();
  private final List<AuditLog.Change> audit = new ArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private AccessControl access;
  private WebServer server;
  private String admin = "";

  private record Answer(int status, JsonNode json) {
    String at(String name) {
      return json.path(name).asString();
    }

    String error() {
      return json.path("error").path("message").asString();
    }
  }

  @BeforeEach
  void start() throws IOException {
    AuditLog log = (_, change) -> audit.add(change);
    access =
        AccessControl.start(
            database.jdbi(), folder.resolve("journal"), log, ZoneId.of("Asia/Kolkata"), false);
    if (access.firstKey().isPresent()) {
      admin = access.firstKey().get().text();
    }
    var prices = new PriceBook(database.jdbi(), log, InstantSource.system(), Pricing.FREE);
    var api = new AdminApi(access, prices, database.jdbi());
    server =
        WebServer.builder()
            .port(0)
            .routing(r -> r.register(AdminApi.PATH, api))
            .shutdownHook(false)
            .build()
            .start();
  }

  @AfterEach
  void stop() throws IOException {
    server.stop();
    access.close();
    client.close();
    database.close();
  }

  private HttpResponse<String> send(String method, String path, String body, String key)
      throws Exception {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%d/admin/v1%s".formatted(server.port(), path)))
            .header("Authorization", "Bearer " + key)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private Answer ask(String method, String path, String body, String key) throws Exception {
    HttpResponse<String> answer = send(method, path, body, key);
    return new Answer(answer.statusCode(), Json.parseObject(answer.body()));
  }

  private Answer ask(String method, String path, String body) throws Exception {
    return ask(method, path, body, admin);
  }

  private Caller caller(String key) {
    return access.gatekeeper().identify(Optional.of(key), HOME);
  }

  @Test
  void aKeyIsShownOnceWorksAtOnceAndIsRevokedAtOnce() throws Exception {
    Answer made = ask("POST", "/keys", "{\"name\":\"ci\",\"models\":[\"gemma*\"]}");
    assertThat(made.status()).isEqualTo(201);
    String secret = made.at("key");
    assertThat(secret).matches("kr-[A-Za-z0-9_-]{43}");

    Caller caller = caller(secret);
    access.gatekeeper().reserve(caller, new Estimate("gemma-3", 1, 1, 1)).close();
    assertThat(send("GET", "/keys", "", admin).body())
        .contains("\"name\":\"ci\"")
        .doesNotContain(secret);

    assertThat(ask("DELETE", "/keys/" + made.at("id"), "").at("revoked")).isNotEmpty();
    assertThatThrownBy(() -> caller(secret)).hasMessageContaining("the API key is wrong");
    assertThatThrownBy(() -> access.gatekeeper().reserve(caller, new Estimate("gemma-3", 1, 1, 1)))
        .isInstanceOf(GatewayRefusal.class);
    assertThat(audit)
        .extracting(AuditLog.Change::action)
        .containsExactly("organisation.create", "key.create", "key.create", "key.revoke");
    assertThat(audit.toString()).doesNotContain(secret).doesNotContain(admin);
  }

  @Test
  void bothKeysOfARotationAreGoodUntilTheOldOneExpires() throws Exception {
    Answer old = ask("POST", "/keys", "{\"name\":\"ci\"}");
    ask("PUT", "/limits/key/" + old.at("id"), "{\"concurrency\":3}");
    Answer fresh =
        ask("POST", "/keys/%s/rotate".formatted(old.at("id")), "{\"overlap_seconds\":3600}");

    assertThat(caller(old.at("key")).keyName()).isEqualTo("ci");
    assertThat(caller(fresh.at("key")).keyName()).isEqualTo("ci");
    assertThat(ask("GET", "/limits/key/" + fresh.at("id"), "").at("concurrency")).isEqualTo("3");

    Answer now =
        ask("POST", "/keys/%s/rotate".formatted(fresh.at("id")), "{\"overlap_seconds\":0}");
    assertThatThrownBy(() -> caller(fresh.at("key"))).hasMessageContaining("expired");
    assertThat(caller(now.at("key")).keyId()).isPositive();
  }

  @Test
  void rolesMayDoWhatTheyMayAndNoMore() throws Exception {
    String viewer = ask("POST", "/keys", "{\"name\":\"v\",\"role\":\"viewer\"}").at("key");
    String developer = ask("POST", "/keys", "{\"name\":\"d\",\"role\":\"developer\"}").at("key");
    String operator = ask("POST", "/keys", "{\"name\":\"o\",\"role\":\"operator\"}").at("key");
    String none = ask("POST", "/keys", "{\"name\":\"n\"}").at("key");

    assertThat(ask("GET", "/me", "", none).status()).isEqualTo(403);
    assertThat(ask("GET", "/me", "", "kr-wrong").status()).isEqualTo(401);
    assertThat(ask("GET", "/keys", "", viewer).status()).isEqualTo(200);
    assertThat(ask("POST", "/keys", "{\"name\":\"x\"}", viewer).status()).isEqualTo(403);
    assertThat(ask("POST", "/keys", "{\"name\":\"x\"}", developer).status()).isEqualTo(201);
    assertThat(ask("POST", "/keys", "{\"name\":\"x\",\"role\":\"viewer\"}", developer).error())
        .contains("needs the role 'admin'", "has 'developer'");
    assertThat(ask("DELETE", "/keys/1", "", developer).status()).isEqualTo(403); // the admin's
    assertThat(ask("POST", "/teams", "{\"name\":\"t\"}", developer).status()).isEqualTo(403);
    assertThat(ask("POST", "/teams", "{\"name\":\"t\"}", operator).status()).isEqualTo(201);
    assertThat(ask("POST", "/organisations", "{\"name\":\"p\"}", operator).status()).isEqualTo(403);
  }

  @Test
  void anAdminOfAnotherOrganisationSeesOnlyItsOwn() throws Exception {
    String second = ask("POST", "/organisations", "{\"name\":\"second\"}").at("id");
    String theirs =
        ask(
                "POST",
                "/keys",
                "{\"name\":\"boss\",\"role\":\"admin\",\"organisation\":%s}".formatted(second))
            .at("key");

    assertThat(ask("GET", "/organisations", "", theirs).json().path("data")).hasSize(1);
    assertThat(ask("GET", "/keys?organisation=1", "", theirs).status()).isEqualTo(403);
    assertThat(ask("GET", "/limits/key/1", "", theirs).status()).isEqualTo(403);
    assertThat(ask("DELETE", "/keys/1", "", theirs).status()).isEqualTo(403);
    assertThat(ask("PUT", "/prices", "{\"provider\":\"p\"}", theirs).status()).isEqualTo(403);
    assertThat(ask("GET", "/keys", "", theirs).json().path("data")).hasSize(1);
  }

  @Test
  void aBudgetIsKeptFromTheNextRequestAndAfterARestart() throws Exception {
    String team = ask("POST", "/teams", "{\"name\":\"search\"}").at("id");
    String key = ask("POST", "/keys", "{\"name\":\"k\",\"team\":%s}".formatted(team)).at("key");
    Answer set =
        ask(
            "PUT",
            "/limits/team/" + team,
            """
            {"budgets":[{"period":"month","dollars":"0.000001"}],"requests_per_minute":100}
            """);
    assertThat(set.status()).isEqualTo(200);
    Caller caller = caller(key);
    access
        .gatekeeper()
        .reserve(caller, new Estimate("m", 5, 5, 900))
        .settle(new Spending("openai", "gpt", 5, 0, 2, 0, 400));

    assertThatThrownBy(() -> access.gatekeeper().reserve(caller, new Estimate("m", 1, 1, 601)))
        .hasMessageContaining("team 'search': the month budget of $0.000001 is used up");

    stopAndStart();
    assertThatThrownBy(() -> access.gatekeeper().reserve(caller(key), new Estimate("m", 1, 1, 601)))
        .hasMessageContaining("team 'search'");
    JsonNode month = ask("GET", "/balances/team/" + team, "").json().path("periods").path(3);
    assertThat(month.path("spent_dollars").asString()).isEqualTo("4.0E-7");
    assertThat(month.path("start").asString()).endsWith("T18:30:00Z"); // midnight in Kolkata
  }

  private void stopAndStart() throws IOException {
    server.stop();
    access.close();
    start();
  }

  @Test
  void usageIsAddedUpAndComesAsCsv() throws Exception {
    String key = ask("POST", "/keys", "{\"name\":\"k\"}").at("key");
    Caller caller = caller(key);
    for (String model : List.of("a", "a", "=b")) {
      access
          .gatekeeper()
          .reserve(caller, new Estimate(model, 100, 100, 1_000_000))
          .settle(new Spending("openai", "gpt", 10, 4, 3, 1, 500_000));
    }
    await(3);

    assertThat(send("GET", "/usage?by=model&format=csv", "", admin).body())
        .isEqualTo(
            """
            model,requests,prompt_tokens,cached_tokens,completion_tokens,reasoning_tokens,dollars,unresolved
            "'=b",1,10,4,3,1,0.0005,0
            a,2,20,8,6,2,0.001,0
            """
                .replace("\n", "\r\n"));
    for (String by : UsageReport.GROUPS.keySet()) {
      assertThat(ask("GET", "/usage?by=" + by, "").json().path("data")).isNotEmpty();
    }
    assertThat(ask("GET", "/usage?by=salary", "").error()).contains("must be one of");

    ask(
        "PUT",
        "/prices",
        "{\"provider\":\"openai\",\"from\":\"2020-01-01T00:00:00Z\",\"input\":1,\"cached_input\":\"0.5\",\"output\":2}");
    JsonNode replayed = ask("GET", "/prices/replay", "").json().path("data").path(0);
    assertThat(replayed.path("requests").asLong()).isEqualTo(3);
    // 6 at $1, 4 at $0.5 and 3 at $2 per million: 14,000 nanodollars each
    assertThat(replayed.path("replayed_dollars").decimalValue()).isEqualByComparingTo("0.000042");
    assertThat(replayed.path("charged_dollars").decimalValue()).isEqualByComparingTo("0.0015");
  }

  private void await(long rows) {
    while (database
            .jdbi()
            .withHandle(h -> h.createQuery("SELECT count(*) FROM usage").mapTo(Long.class).one())
        < rows) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  @Test
  void longListsComeInPages() throws Exception {
    for (int i = 0; i < 7; i++) {
      ask("POST", "/apps", "{\"name\":\"app%d\"}".formatted(i));
    }
    List<String> names = new ArrayList<>();
    String after = "0";
    Answer page;
    do {
      page = ask("GET", "/apps?limit=3&after=" + after, "");
      page.json().path("data").forEach(a -> names.add(a.path("name").asString()));
      after = page.at("next");
    } while (page.json().path("has_more").asBoolean());

    assertThat(names).containsExactly("app0", "app1", "app2", "app3", "app4", "app5", "app6");
  }

  @Test
  void badInputGetsAClearError() throws Exception {
    assertThat(ask("POST", "/keys", "{}").error()).isEqualTo("name is missing");
    assertThat(ask("POST", "/keys", "{\"nam\":\"x\"}").error()).contains("unknown fields [nam]");
    assertThat(ask("POST", "/keys", "[]").status()).isEqualTo(400);
    assertThat(ask("POST", "/keys", "{\"name\":\"x\",\"networks\":[\"home\"]}").error())
        .contains("'home' is not a network");
    assertThat(ask("POST", "/keys", "{\"name\":\"x\",\"team\":99}").status()).isEqualTo(404);
    assertThat(
            ask("PUT", "/limits/key/1", "{\"budgets\":[{\"period\":\"year\",\"tokens\":1}]}")
                .error())
        .contains("period is 'year'; it must be one of [hour, day, week, month, total]");
    assertThat(ask("PUT", "/limits/key/1", "{\"budgets\":[{\"period\":\"day\"}]}").error())
        .contains("needs an amount");
    assertThat(ask("GET", "/limits/planet/1", "").status()).isEqualTo(400);
    assertThat(ask("GET", "/limits/key/x", "").error()).contains("must be a whole number");
    assertThat(ask("GET", "/nowhere", "").status()).isEqualTo(404);
    ask("POST", "/teams", "{\"name\":\"t\"}");
    assertThat(ask("POST", "/teams", "{\"name\":\"t\"}").status()).isEqualTo(409);
  }

  @Test
  void randomBodiesNeverBreakIt() throws Exception {
    var random = new SplittableRandom(5);
    String[] values = {
      "null", "1", "-1", "1e99", "\"\"", "\"x\"", "[]", "[1]", "{}", "true", "[{}]"
    };
    String[] fields = {
      "name",
      "organisation",
      "team",
      "role",
      "models",
      "networks",
      "expires",
      "budgets",
      "zone",
      "concurrency",
      "input",
      "provider",
      "from",
      "overlap_seconds"
    };
    String[][] calls = {
      {"POST", "/keys"},
      {"POST", "/teams"},
      {"POST", "/users"},
      {"POST", "/organisations"},
      {"PUT", "/limits/key/1"},
      {"PUT", "/prices"},
      {"POST", "/keys/1/rotate"},
      {"POST", "/usage/1/resolve"}
    };
    for (int i = 0; i < 300; i++) {
      var body = new StringBuilder("{");
      for (int f = random.nextInt(4); f >= 0; f--) {
        body.append(
            "\"%s\":%s,"
                .formatted(
                    fields[random.nextInt(fields.length)], values[random.nextInt(values.length)]));
      }
      body.setCharAt(body.length() - 1, '}');
      String[] call = calls[random.nextInt(calls.length)];
      int status = send(call[0], call[1], body.toString(), admin).statusCode();
      assertThat(status).as("%s %s", String.join(" ", call), body).isLessThan(500);
    }
  }

  @Test
  void everyStatementFitsTheSchema() throws Exception {
    try (var connection = database.connections().getConnection()) {
      List<String> all =
          new ArrayList<>(
              List.of(UsageReport.UNRESOLVED, PriceBook.LIST, PriceBook.PUT, PriceBook.REPLAY));
      UsageReport.GROUPS.values().forEach(g -> all.add(UsageReport.REPORT.formatted(g)));
      for (String sql : all) {
        String numbered = sql.replaceAll("(?<!:):[a-zA-Z]+", "?");
        assertThat(connection.prepareStatement(numbered).getParameterMetaData()).isNotNull();
      }
    }
  }
}
