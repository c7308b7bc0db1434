package dev.krafla.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.gateway.Spending;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One wire on both sides: what goes through, and what it cost. */
class PassThroughTest {
  private static final String CHAT = "{\"messages\":[],  \"model\": \"small\", \"odd\":[1e3]}";
  private static final String STREAM = "{\"model\":\"small\",\"stream\":true,\"messages\":[]}";

  @Test
  void theBodyGoesOnAsItCameButForTheModelsName() throws Exception {
    try (var provider = new FakeProvider();
        var gateway = TestGateway.before(provider)) {
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(FakeProvider.COMPLETION);
      assertThat(answer.headers().firstValue("X-Krafla-Target")).hasValue("p/big");
      FakeProvider.Request sent = provider.requests.getFirst();
      assertThat(sent.line()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
      assertThat(sent.body()).isEqualTo(CHAT.replace("\"small\"", "\"big\""));
      assertThat(sent.headers()).containsEntry("authorization", "Bearer secret-of-P");
    }
  }

  @Test
  void whatTheProviderCountedIsSettledAtItsPrice() throws Exception {
    try (var provider = new FakeProvider();
        var gateway =
            TestGateway.of(
                """
                providers:
                  p: {kind: vllm, url: 'http://127.0.0.1:%d/v1'}
                models:
                  small: p/big
                prices:
                  p/big: {input: 2, cached_input: 0.5, output: 10}
                """
                    .formatted(provider.port()))) {
      gateway.post("/v1/chat/completions", "{\"model\":\"small\",\"max_tokens\":5}");
      // 3 uncached at 2,000 nanodollars, 4 cached at 500, 3 written at 10,000
      assertThat(gateway.gatekeeper.settled)
          .containsExactly(new Spending("p", "big", 7, 4, 3, 0, 38_000));
      assertThat(gateway.gatekeeper.estimates.getFirst().completionTokens()).isEqualTo(5);
      assertThat(gateway.gatekeeper.estimates.getFirst().nanodollars()).isGreaterThan(38_000);
      assertThat(
              gateway.metric(
                  "krafla_gateway_tokens_total{kind=\"prompt\",model=\"big\",provider=\"p\"}"))
          .isEqualTo(7);
    }
  }

  @Test
  void eventsComeOneByOneAndTheUsageThatNobodyAskedForIsKeptBack() throws Exception {
    var go = new CountDownLatch(1);
    try (var provider =
            new FakeProvider()
                .answers((_, out) -> {
                  out.write(FakeProvider.streamHead());
                  out.write(FakeProvider.chunk(FakeProvider.token("one")));
                  out.flush();
                  await(go);
                  out.write(FakeProvider.chunk(FakeProvider.token("two")));
                  out.write(FakeProvider.chunk(FakeProvider.USAGE_EVENT + FakeProvider.DONE));
                  out.write(FakeProvider.lastChunk());
                });
        var gateway = TestGateway.before(provider)) {
      HttpResponse<Stream<String>> answer = lines(gateway, STREAM);
      Iterator<String> lines = answer.body().iterator();
      assertThat(lines.next()).contains("one");
      go.countDown(); // the first event came while the provider waited
      assertThat(lines.next()).isEmpty();
      assertThat(lines.next()).contains("two");
      assertThat(lines.next()).isEmpty();
      assertThat(lines.next()).isEqualTo("data: [DONE]");
      assertThat(provider.requests.getFirst().body())
          .isEqualTo(
              "{\"stream_options\":{\"include_usage\":true},\"model\":\"big\",\"stream\":true,\"messages\":[]}");
      TestGateway.await(() -> gateway.gatekeeper.settled.size() == 1);
      assertThat(gateway.gatekeeper.settled.getFirst())
          .isEqualTo(new Spending("p", "big", 7, 0, 2, 0, 0));
    }
  }

  @Test
  void aClientThatAskedForTheUsageGetsTheStreamAsItIs() throws Exception {
    String events = FakeProvider.token("one") + FakeProvider.USAGE_EVENT + FakeProvider.DONE;
    try (var provider =
            new FakeProvider()
                .answers((_, out) -> {
                  out.write(FakeProvider.streamHead());
                  out.write(FakeProvider.chunk(events));
                  out.write(FakeProvider.lastChunk());
                });
        var gateway = TestGateway.before(provider)) {
      String body =
          "{\"model\":\"small\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}";
      assertThat(gateway.post("/v1/chat/completions", body).body()).isEqualTo(events);
      assertThat(provider.requests.getFirst().body()).isEqualTo(body.replace("small", "big"));
    }
  }

  @Test
  void aClientThatLeavesEndsTheRequestToTheProviderAtOnce() throws Exception {
    var begun = new CountDownLatch(1);
    try (var provider =
            new FakeProvider()
                .answers((_, out) -> {
                  out.flush();
                  begun.countDown();
                  await(new CountDownLatch(1)); // it thinks for ever
                });
        var gateway = TestGateway.before(provider)) {
      try (Socket client = gateway.raw(TestGateway.chat("{\"model\":\"small\"}"))) {
        await(begun);
        assertThat(gateway.upstream.underWay()).isEqualTo(1);
        assertThat(client.isConnected()).isTrue();
      }
      TestGateway.await(() -> gateway.upstream.underWay() == 0);
      TestGateway.await(() -> gateway.gatekeeper.givenBack.get() == 1);
    }
  }

  @Test
  void aConnectionToAProviderIsUsedAgain() throws Exception {
    try (var provider = new FakeProvider();
        var gateway = TestGateway.before(provider)) {
      for (int i = 0; i < 20; i++) {
        assertThat(gateway.post("/v1/chat/completions", CHAT).statusCode()).isEqualTo(200);
      }
      assertThat(provider.connections()).isEqualTo(1);
      assertThat(gateway.upstream.resting()).isEqualTo(1);
    }
  }

  @Test
  void aProvidersWordOnABadRequestIsPassedOn() throws Exception {
    String error = "{\"error\":{\"message\":\"no such voice\",\"type\":\"invalid_request_error\"}}";
    try (var provider =
            new FakeProvider().answers((_, out) -> out.write(FakeProvider.json(400, error)));
        var gateway = TestGateway.before(provider)) {
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).isEqualTo(error);
      assertThat(gateway.gatekeeper.givenBack).hasValue(1);
    }
  }

  @Test
  void withoutARightKeyNobodyIsAsked() throws Exception {
    try (var provider = new FakeProvider();
        var gateway = TestGateway.before(provider)) {
      HttpRequest wrong =
          HttpRequest.newBuilder(gateway.uri("/v1/messages"))
              .header("x-api-key", "kr-wrong")
              .POST(HttpRequest.BodyPublishers.ofString("{"))
              .build();
      HttpResponse<String> answer = gateway.send(wrong);
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.body())
          .contains("\"type\":\"authentication_error\"")
          .doesNotContain("wrong");
      assertThat(provider.requests).isEmpty();
    }
  }

  @Test
  void modelsAreThoseOfTheFile() throws Exception {
    try (var provider = new FakeProvider();
        var gateway = TestGateway.before(provider)) {
      assertThat(gateway.get("/v1/models").body()).contains("\"id\":\"small\"");
      assertThat(gateway.get("/v1/models/small").statusCode()).isEqualTo(200);
      assertThat(gateway.get("/v1/models/large").statusCode()).isEqualTo(404);
      assertThat(gateway.get("/health").body()).contains("\"status\":\"ok\"");
      assertThat(gateway.get("/nowhere").statusCode()).isEqualTo(404);
      HttpResponse<String> unknown = gateway.post("/v1/chat/completions", "{\"model\":\"large\"}");
      assertThat(unknown.statusCode()).isEqualTo(404);
      assertThat(unknown.body()).contains("model_not_found");
    }
  }

  private static HttpResponse<Stream<String>> lines(TestGateway gateway, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        gateway
            .request("/v1/chat/completions")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return gateway.http().send(request, BodyHandlers.ofLines());
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
