package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.EngineConfig;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Class, tenant and deadline of a request, as HTTP says them. */
class ServiceClassHttpTest {
  private static final String CHAT = "/v1/chat/completions";

  private final TestWorker worker =
      TestWorker.start(TestWorker.small().withMaxSequences(1).withMaxBatchTokens(64));

  @AfterEach
  void stop() {
    worker.close();
  }

  private static String body(String question, String more) {
    return "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}".formatted(question, more);
  }

  private HttpRequest request(String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(worker.uri(CHAT)).POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request.build();
  }

  @ParameterizedTest
  @CsvSource({
    "X-Krafla-Class, urgent, 'interactive, normal, batch'",
    "X-Krafla-Tenant, two words, printable",
    "X-Krafla-First-Token-Ms, soon, milliseconds"
  })
  void aHeaderThatSaysNothingUsefulIsRefusedByName(String name, String value, String remedy)
      throws Exception {
    HttpResponse<String> response = worker.send(request(body("Hi", ""), name, value));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(TestWorker.error(response).get("param").stringValue()).isEqualTo(name);
    assertThat(TestWorker.error(response).get("message").stringValue()).contains(remedy);
  }

  @Test
  void anUnknownServiceTierIsRefused() throws Exception {
    HttpResponse<String> response = worker.post(CHAT, body("Hi", ",\"service_tier\":\"gold\""));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(TestWorker.error(response).get("message").stringValue()).contains("flex");
  }

  @Test
  void aDeadlineThatIsOutOfReachIsAnErrorWithItsReasonAndNotAnAnswerTooLate() throws Exception {
    EngineConfig config = TestWorker.small().withPrefixCaching(false);
    var lm = new ScriptedLm(2048);
    lm.takes(Duration.ofNanos(100_000));
    try (TestWorker slow = TestWorker.start(lm, config, WorkerConfig.DEFAULTS)) {
      slow.post(CHAT, body("x".repeat(1500), "")); // it knows now what a token takes
      HttpRequest hurried =
          HttpRequest.newBuilder(slow.uri(CHAT))
              .header(CallTerms.FIRST_TOKEN_HEADER, "50")
              .POST(HttpRequest.BodyPublishers.ofString(body("x".repeat(1900), "")))
              .build();
      HttpResponse<String> response = slow.send(hurried);

      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(TestWorker.error(response).get("code").stringValue())
          .isEqualTo("prompt_exceeds_deadline");
      assertThat(slow.engine.stats().shed()).isEqualTo(1);
    }
  }

  @Test
  void tenantsShareNoCachedPrefix() throws Exception {
    String question = body("x".repeat(200), "");
    worker.send(request(question, CallTerms.TENANT_HEADER, "a"));
    worker.send(request(question, CallTerms.TENANT_HEADER, "b"));
    assertThat(worker.engine.stats().prefixHitTokens()).isZero();

    worker.send(request(question, CallTerms.TENANT_HEADER, "a"));
    assertThat(worker.engine.stats().prefixHitTokens()).isGreaterThan(180);
  }
}
