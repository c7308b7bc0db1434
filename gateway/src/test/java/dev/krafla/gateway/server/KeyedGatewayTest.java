package dev.krafla.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.gateway.AuditLog;
import dev.krafla.gateway.access.AccessControl;
import dev.krafla.gateway.admin.AdminApi;
import dev.krafla.gateway.admin.PriceBook;
import dev.krafla.gateway.config.GatewayConfig;
import dev.krafla.gateway.config.KraflaYaml;
import dev.krafla.gateway.route.RouteTable;
import dev.krafla.gateway.route.Routing;
import dev.krafla.gateway.upstream.Upstream;
import dev.krafla.store.Database;
import dev.krafla.store.TestDatabase;
import dev.krafla.wire.Json;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** The whole gateway over HTTP: keys, money and admin API at one port, a provider behind it. */
class KeyedGatewayTest {
  @TempDir private Path folder;

  private final HttpClient http = HttpClient.newHttpClient();

  private HttpResponse<String> send(
      GatewayServer server, String key, String method, String path, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(server.url().resolve(path))
            .header("Authorization", "Bearer " + key)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private ObjectNode admin(
      GatewayServer server, String key, String method, String path, String body) throws Exception {
    HttpResponse<String> answer = send(server, key, method, "/admin/v1" + path, body);
    assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
    return Json.parseObject(answer.body());
  }

  @Test
  void aRequestIsPaidByItsTeamUntilTheBudgetIsUsedUp() throws Exception {
    try (var provider = new FakeProvider();
        Database database = TestDatabase.create();
        AccessControl access =
            AccessControl.start(database.jdbi(), folder, AuditLog.NONE, ZoneOffset.UTC, false);
        Upstream upstream = Upstream.create();
        GatewayServer server = start(provider, database, access, upstream)) {
      String root = access.firstKey().orElseThrow().text();
      admin(
          server,
          root,
          "PUT",
          "/prices",
          "{\"provider\":\"p\",\"input\":2,\"cached_input\":\"0.5\",\"output\":10}");
      String team = admin(server, root, "POST", "/teams", "{\"name\":\"t\"}").path("id").asString();
      String key =
          admin(server, root, "POST", "/keys", "{\"name\":\"k\",\"team\":%s}".formatted(team))
              .path("key")
              .asString();
      String ask = "{\"model\":\"small\",\"max_tokens\":5,\"messages\":[]}";

      assertThat(send(server, "kr-wrong", "POST", "/v1/chat/completions", ask).statusCode())
          .isEqualTo(401);
      HttpResponse<String> answer = send(server, key, "POST", "/v1/chat/completions", ask);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);

      // 3 uncached at 2,000 nanodollars, 4 cached at 500, 3 written at 10,000
      TestGateway.await(() ->
          database
              .jdbi()
              .withHandle(h ->
                  h.createQuery("SELECT coalesce(sum(nanodollars), 0) FROM usage")
                      .mapTo(Long.class)
                      .one()
                      .equals(38_000L)));
      admin(
          server,
          root,
          "PUT",
          "/limits/team/" + team,
          "{\"budgets\":[{\"period\":\"total\",\"dollars\":\"0.000038\"}]}");
      HttpResponse<String> refused = send(server, key, "POST", "/v1/chat/completions", ask);
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.body()).contains("team 't': the total budget of $0.000038 is used up");
      assertThat(provider.requests).hasSize(1);
    }
  }

  private static GatewayServer start(
      FakeProvider provider, Database database, AccessControl access, Upstream upstream) {
    String yaml =
        """
        providers:
          p: {kind: vllm, url: 'http://127.0.0.1:%d/v1'}
        models:
          small: p/big
        """
            .formatted(provider.port());
    GatewayConfig config = KraflaYaml.read("test.yaml", yaml, _ -> Optional.empty());
    var prices =
        new PriceBook(database.jdbi(), AuditLog.NONE, InstantSource.system(), config.pricing());
    var routing =
        new Routing(new RouteTable(config.routes(), Optional.empty(), System::nanoTime), prices);
    var api = new AdminApi(access, prices, database.jdbi());
    return GatewayServer.start(
        GatewaySettings.DEFAULTS.at("127.0.0.1", 0),
        () -> routing,
        access.gatekeeper(),
        upstream,
        routes -> routes.register(AdminApi.PATH, api));
  }
}
