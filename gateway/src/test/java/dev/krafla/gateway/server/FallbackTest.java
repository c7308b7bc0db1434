package dev.krafla.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two targets of one model: which is asked, and when the other is. */
class FallbackTest {
  private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";
  private static final String BOTH = "{targets: [a/one, b/two]}";
  private FakeProvider a;
  private FakeProvider b;

  @BeforeEach
  void start() throws IOException {
    a = new FakeProvider();
    b = new FakeProvider();
  }

  @AfterEach
  void stop() throws IOException {
    a.close();
    b.close();
  }

  private TestGateway gateway(String route) {
    return TestGateway.of(
        """
        providers:
          a: {kind: vllm, url: 'http://127.0.0.1:%d/v1'}
          b: {kind: vllm, url: 'http://127.0.0.1:%d/v1'}
        models:
          m: %s
        prices:
          a/one: {input: 3, output: 15}
          b/two: {input: 1, output: 2}
        """
            .formatted(a.port(), b.port(), route));
  }

  private static String target(HttpResponse<String> answer) {
    return answer.headers().firstValue("X-Krafla-Target").orElse("none");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404, 429, 500, 502, 503, 529, 301})
  void afterAnErrorThatSaysNothingOfTheRequestTheNextIsAsked(int status) {
    a.answers((_, out) -> out.write(FakeProvider.json(status, "{\"error\":{}}")));
    try (var gateway = gateway(BOTH)) {
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(target(answer)).isEqualTo("b/two");
      assertThat(gateway.gatekeeper.settled).singleElement().matches(s -> s.provider().equals("b"));
    }
  }

  @Test
  void aBadRequestIsNotTriedElsewhere() {
    a.answers((_, out) -> out.write(FakeProvider.json(422, "{\"error\":{}}")));
    try (var gateway = gateway(BOTH)) {
      assertThat(gateway.post("/v1/chat/completions", CHAT).statusCode()).isEqualTo(422);
      assertThat(b.requests).isEmpty();
    }
  }

  @Test
  void onlyFailuresThatTheRouteNamesMoveOn() {
    a.answers((_, out) -> out.write(FakeProvider.json(429, "{\"error\":{}}", "Retry-After: 7")));
    try (var gateway = gateway("{targets: [a/one, b/two], fallback_on: [server_error]}")) {
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT);
      assertThat(answer.statusCode()).isEqualTo(429);
      assertThat(answer.headers().firstValue("Retry-After")).hasValue("7");
      assertThat(b.requests).isEmpty();
    }
  }

  @Test
  void aPromptThatDoesNotFitGoesToALargerModelWhereTheRouteSaysSo() {
    String error = "{\"error\":{\"code\":\"context_length_exceeded\",\"message\":\"too long\"}}";
    a.answers((_, out) -> out.write(FakeProvider.json(400, error)));
    try (var gateway = gateway("{targets: [a/one, b/two], fallback_on: [context_length]}")) {
      assertThat(target(gateway.post("/v1/chat/completions", CHAT))).isEqualTo("b/two");
    }
    try (var gateway = gateway(BOTH)) {
      assertThat(gateway.post("/v1/chat/completions", CHAT).body()).isEqualTo(error);
    }
  }

  @Test
  void whoIsSilentBeforeTheFirstByteIsLeftForTheNext() {
    var never = new CountDownLatch(1);
    a.answers((_, _) -> PassThroughTest.await(never));
    try (var gateway = gateway("{targets: [a/one, b/two], first_byte: 100ms}")) {
      assertThat(target(gateway.post("/v1/chat/completions", CHAT))).isEqualTo("b/two");
    }
    b.answers((_, _) -> PassThroughTest.await(never));
    try (var gateway = gateway("{targets: [a/one, b/two], first_byte: 100ms}")) {
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT);
      assertThat(answer.statusCode()).isEqualTo(504);
      assertThat(answer.body()).contains("a/one", "b/two", "100 ms");
    }
  }

  @Test
  void whoCannotBeReachedIsLeftForTheNextAndThenLeftAlone() throws IOException {
    a.close();
    try (var gateway = gateway(BOTH)) {
      for (int i = 0; i < 5; i++) {
        assertThat(target(gateway.post("/v1/chat/completions", CHAT))).isEqualTo("b/two");
      }
      assertThat(
              gateway.metric(
                  "krafla_gateway_failures_total{model=\"one\",provider=\"a\",reason=\"unreachable\"}"))
          .isEqualTo(3); // then its circuit is open
    }
  }

  @Test
  void aProviderThatAsksForAPauseGetsIt() {
    a.answers((_, out) -> out.write(FakeProvider.json(429, "{}", "Retry-After: 600")));
    try (var gateway = gateway(BOTH)) {
      for (int i = 0; i < 3; i++) {
        assertThat(target(gateway.post("/v1/chat/completions", CHAT))).isEqualTo("b/two");
      }
      assertThat(a.requests).hasSize(1);
      assertThat(gateway.get("/health").body()).contains("\"ready\":1");
    }
  }

  @Test
  void whenAllRestTheClientIsToldWhenToComeBack() {
    a.answers((_, out) -> out.write(FakeProvider.json(429, "{}", "Retry-After: 600")));
    try (var gateway = gateway("a/one")) {
      assertThat(gateway.post("/v1/chat/completions", CHAT).statusCode()).isEqualTo(429);
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(Integer.parseInt(answer.headers().firstValue("Retry-After").orElseThrow()))
          .isBetween(500, 600);
    }
  }

  @Test
  void whatAProviderSaysOfTheGatewaysKeyStaysHere() {
    a.answers((_, out) -> out.write(FakeProvider.json(401, "{\"error\":\"bad key sk-123\"}")));
    try (var gateway = gateway("a/one")) {
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT);
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).contains("operator").doesNotContain("sk-123");
    }
  }

  @Test
  void theCheapestIsAskedFirstWhereTheRouteSaysSo() {
    try (var gateway = gateway("{targets: [a/one, b/two], order: cheapest}")) {
      assertThat(target(gateway.post("/v1/chat/completions", CHAT))).isEqualTo("b/two");
    }
  }

  @Test
  void aBudgetThatTheDearTargetWouldPassIsSpentAtTheCheapOne() {
    try (var gateway = gateway("{targets: [a/one, b/two], fallback_on: [budget]}")) {
      gateway.gatekeeper.budget = 200_000;
      String body = "{\"model\":\"m\",\"max_tokens\":50}";
      assertThat(target(gateway.post("/v1/chat/completions", body))).isEqualTo("b/two");
      assertThat(gateway.gatekeeper.estimates).hasSize(2);
      gateway.gatekeeper.budget = 1;
      assertThat(gateway.post("/v1/chat/completions", body).statusCode()).isEqualTo(429);
    }
  }

  @Test
  void aSessionKeepsItsTargetAndSessionsAreSpreadByWeight() {
    String route =
        "{targets: [{target: a/one, weight: 1}, {target: b/two, weight: 3}], order: weighted}";
    try (var gateway = gateway(route)) {
      for (int session = 0; session < 200; session++) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 2; i++) {
          String body = "{\"model\":\"m\",\"prompt_cache_key\":\"s%d\"}".formatted(session);
          seen.add(target(gateway.post("/v1/chat/completions", body)));
        }
        assertThat(seen).hasSize(1);
      }
      assertThat(b.requests.size()).isBetween(260, 340); // 300 of 400 are expected
    }
  }
}
