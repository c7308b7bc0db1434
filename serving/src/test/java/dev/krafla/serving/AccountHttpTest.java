package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.EndedRequest;
import dev.krafla.engine.ServiceClass;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** On whose account a request goes, and what its client is told of it. */
class AccountHttpTest {
  private static final String CHAT = "/v1/chat/completions";

  private final TestWorker worker = TestWorker.start();
  private final BlockingQueue<EndedRequest> ended = new LinkedBlockingQueue<>();

  @BeforeEach
  void listen() {
    worker.engine.onEnded(ended::add);
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  private HttpResponse<String> ask(String fields, String... headers) throws Exception {
    String body =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
            .formatted("x".repeat(100), fields);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(worker.uri(CHAT)).POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return worker.send(request.build());
  }

  private EndedRequest account() throws InterruptedException {
    EndedRequest account = ended.poll(20, TimeUnit.SECONDS);
    assertThat(account).isNotNull();
    return account;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | '' | NORMAL",
        "'' | X-Krafla-Class=batch | BATCH",
        "'' | X-Krafla-Class=interactive | INTERACTIVE",
        ",\"service_tier\":\"flex\" | '' | BATCH",
        ",\"service_tier\":\"priority\" | '' | INTERACTIVE",
        ",\"service_tier\":\"default\",\"priority\":5 | '' | NORMAL",
        ",\"service_tier\":\"auto\",\"priority\":5 | '' | BATCH",
        ",\"priority\":-1 | '' | INTERACTIVE",
        ",\"service_tier\":\"priority\" | X-Krafla-Class=batch | BATCH",
      })
  void aRequestIsOfTheClassThatItsHeaderTierOrPrioritySays(
      String fields, String header, ServiceClass expected) throws Exception {
    HttpResponse<String> response =
        header.isEmpty() ? ask(fields) : ask(fields, header.split("=", 2));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(account().terms().serviceClass()).isEqualTo(expected);
  }

  @Test
  void theAccountNamesTenantAndRequest() throws Exception {
    ask("", "X-Krafla-Tenant", "acme", "X-Request-Id", "my-7");

    EndedRequest account = account();
    assertThat(account.terms().tenant()).isEqualTo("acme");
    assertThat(account.terms().id()).isEqualTo("my-7");
    assertThat(account.outcome()).isEqualTo(EndedRequest.Outcome.FINISHED);
    assertThat(account.usage().work().compute()).isPositive();
  }

  @Test
  void theFullAccountComesWithTheUsageWhereItIsAskedFor() throws Exception {
    JsonNode plain = Json.parseObject(ask("").body()).get("usage");
    assertThat(plain.has("krafla")).isFalse();

    JsonNode usage = Json.parseObject(ask("", "X-Krafla-Usage", "full").body()).get("usage");
    JsonNode details = usage.get("krafla");
    int cached = usage.get("prompt_tokens_details").get("cached_tokens").intValue();
    assertThat(cached).isGreaterThan(90);
    assertThat(details.get("cached_memory_tokens").intValue()).isEqualTo(cached);
    assertThat(details.get("computed_tokens").intValue())
        .isBetween(12, usage.get("total_tokens").intValue() - cached + 40);
    assertThat(details.get("compute_seconds").doubleValue()).isPositive();
    assertThat(details.get("class").stringValue()).isEqualTo("normal");
  }

  @Test
  void aStreamEndsWithTheFullAccountToo() throws Exception {
    String events =
        ask(
                ",\"stream\":true,\"stream_options\":{\"include_usage\":true}",
                "X-Krafla-Usage",
                "full")
            .body();

    assertThat(events).contains("\"krafla\":{\"cached_memory_tokens\":0");
  }

  @Test
  void metricsAddUpTheAccountsOfEachClass() throws Exception {
    ask("", "X-Krafla-Class", "batch");
    account();
    worker.await(() -> metrics().contains("kind=\"output\""));

    assertThat(metrics())
        .containsPattern(
            "krafla_class_requests_total\\{.*class=\"batch\".*outcome=\"finished\".*} 1.0")
        .containsPattern("krafla_class_tokens_total\\{.*class=\"batch\".*kind=\"output\".*} 13.0")
        .containsPattern("krafla_class_compute_seconds_total\\{.*class=\"interactive\".*} 0.0");
  }

  private String metrics() {
    try {
      return worker.get("/metrics").body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
