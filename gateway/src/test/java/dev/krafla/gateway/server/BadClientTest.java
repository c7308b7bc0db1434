package dev.krafla.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.gateway.Endpoint;
import dev.krafla.testing.Damage;
import dev.krafla.testing.DamagedJson;
import dev.krafla.testing.Fuzz;
import dev.krafla.wire.InvalidBody;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send what is no request: a clear error each, and nothing is held for long. */
class BadClientTest {
  private static final String GOOD =
      """
      {"model":"small","stream":true,"stream_options":{"x":1},"max_tokens":5,"n":2,"user":"u",
       "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}}]}],
       "metadata":{"user_id":"v"}}\
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "nonsense",
        "{}",
        "{\"model\":1}",
        "{\"model\":\"a\",\"model\":\"b\"}",
        "{\"model\":\"a\"} {}",
        "{\"model\":\"a\",\"stream\":\"yes\"}",
        "{\"model\":\"a\",\"max_tokens\":-1}",
        "{\"model\":\"a\",\"max_tokens\":1e99}",
        "{\"model\":\"a\",\"max_tokens\":99999999999999999999999}",
        "{\"model\":\"a\",\"n\":1.5}",
        "{\"model\":\"a\",\"stream_options\":[]}",
        "{\"model\":\"a\",\"stream_options\":{\"include_usage\":2}}"
      })
  void aBodyThatIsNoRequestIsRefusedByName(String body) throws IOException {
    try (var provider = new FakeProvider();
        var gateway = TestGateway.before(provider)) {
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", body);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
      assertThat(answer.body()).contains("\"type\":\"invalid_request_error\"");
      assertThat(provider.requests).isEmpty();
    }
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "{\"model\":\"a\",\"x\":" + "[".repeat(100_000);
    assertThatThrownBy(() -> read(deep)).isInstanceOf(InvalidBody.class);
  }

  @Test
  void damagedBodiesAreReadOrRefusedAndNothingElse() {
    Fuzz.check(
        20_000,
        Duration.ofSeconds(2),
        random -> {
          byte[] damaged =
              random.nextBoolean()
                  ? Damage.bytes(GOOD.getBytes(StandardCharsets.UTF_8), 64, random)
                  : DamagedJson.of(GOOD, random).getBytes(StandardCharsets.UTF_8);
          try {
            Ask ask = AskReader.read(Endpoint.CHAT, damaged, Optional.empty());
            Ask.Span at = ask.modelAt();
            assertThat(damaged[at.from()]).isEqualTo((byte) '"');
            assertThat(damaged[at.to() - 1]).isEqualTo((byte) '"');
            return true;
          } catch (InvalidBody e) {
            return false;
          }
        });
  }

  @Test
  void mediaAndTheirBytesAreCounted() {
    String blob = "A".repeat(4000);
    Ask ask =
        read(
            "{\"model\":\"m\",\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}},{\"type\":\"text\",\"text\":\"%s\"}]}]}"
                .formatted(blob, blob));
    assertThat(ask.media()).isEqualTo(1);
    assertThat(ask.mediaBytes()).isBetween(4000L, 4100L); // the text counts as text
  }

  @Test
  void aBodyBeyondTheLimitIsRefusedBeforeItIsRead() throws IOException {
    GatewaySettings small = GatewaySettings.DEFAULTS.withBodies(1000, 1000);
    try (var provider = new FakeProvider();
        var gateway = TestGateway.of(small, yaml(provider));
        Socket client =
            gateway.raw(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer kr-right\r\n"
                    + "Content-Length: 104857600\r\n\r\n")) {
      assertThat(answer(client)).startsWith("HTTP/1.1 413").contains("body_too_large");
    }
  }

  @Test
  void bodiesTogetherTakeNoMoreThanTheirLimit() throws IOException {
    GatewaySettings tight = GatewaySettings.DEFAULTS.withBodies(1000, 1000);
    try (var provider = new FakeProvider();
        var gateway = TestGateway.of(tight, yaml(provider));
        Socket first = gateway.raw(head(900) + "{")) {
      TestGateway.await(() -> gateway.metric("krafla_gateway_held_bytes") == 900);
      try (Socket second = gateway.raw(head(900) + "{")) {
        assertThat(answer(second)).startsWith("HTTP/1.1 503").contains("overloaded");
      }
      assertThat(first.isConnected()).isTrue();
    }
  }

  @Test
  void aRequestThatTricklesInIsRefused() throws IOException {
    GatewaySettings hasty = GatewaySettings.DEFAULTS.withConnections(100, Duration.ofMillis(300));
    try (var provider = new FakeProvider();
        var gateway = TestGateway.of(hasty, yaml(provider))) {
      try (Socket slowHead = gateway.raw("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n")) {
        assertThat(answer(slowHead)).startsWith("HTTP/1.1 408").contains("request_timeout");
      }
      try (Socket slowBody = gateway.raw(head(900) + "{")) {
        OutputStream out = slowBody.getOutputStream();
        out.write(' ');
        assertThat(answer(slowBody)).startsWith("HTTP/1.1 408").contains("request_timeout");
      }
      assertThat(gateway.metric("krafla_gateway_held_bytes")).isZero();
    }
  }

  @Test
  void aConnectionThatRestsBetweenTwoRequestsIsNotASlowOne() throws Exception {
    GatewaySettings hasty = GatewaySettings.DEFAULTS.withConnections(100, Duration.ofMillis(200));
    try (var provider =
            new FakeProvider()
                .answers((_, out) -> {
                  java.util.concurrent.locks.LockSupport.parkNanos(300_000_000); // is the case
                  out.write(FakeProvider.json(200, FakeProvider.COMPLETION));
                });
        var gateway = TestGateway.of(hasty, yaml(provider))) {
      for (int i = 0; i < 2; i++) { // over one connection
        assertThat(gateway.post("/v1/chat/completions", "{\"model\":\"small\"}").statusCode())
            .isEqualTo(200);
      }
    }
  }

  @Test
  void headersThatAreNoneAreRefused() throws IOException {
    try (var provider = new FakeProvider();
        var gateway = TestGateway.before(provider)) {
      var random = new Random(11);
      for (int i = 0; i < 60; i++) {
        byte[] noise = new byte[200];
        random.nextBytes(noise);
        String head =
            i % 2 == 0
                ? new String(noise, StandardCharsets.ISO_8859_1)
                : "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
                    + new String(noise, StandardCharsets.ISO_8859_1);
        try (Socket client = gateway.raw(head + "\r\n\r\n")) {
          client.shutdownOutput();
          assertThat(answer(client)).doesNotContain("200 OK");
        } catch (IOException e) {
          // It may hang up too.
        }
      }
      assertThat(gateway.post("/v1/chat/completions", "{\"model\":\"small\"}").statusCode())
          .isEqualTo(200);
    }
  }

  private static String yaml(FakeProvider provider) {
    return """
    providers:
      p: {kind: vllm, url: 'http://127.0.0.1:%d/v1'}
    models:
      small: p/big
    """
        .formatted(provider.port());
  }

  private static String head(int length) {
    return "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer kr-right\r\n"
        + "Content-Length: "
        + length
        + "\r\n\r\n";
  }

  private static Ask read(String body) {
    return AskReader.read(Endpoint.CHAT, body.getBytes(StandardCharsets.UTF_8), Optional.empty());
  }

  /** All that comes before the connection ends, or falls silent after an answer. */
  private static String answer(Socket client) throws IOException {
    var text = new StringBuilder();
    byte[] piece = new byte[4096];
    for (int n = client.getInputStream().read(piece);
        n >= 0;
        n = client.getInputStream().read(piece)) {
      text.append(new String(piece, 0, n, StandardCharsets.UTF_8));
      if (text.indexOf("}}") > 0) {
        break;
      }
    }
    return text.toString();
  }
}
