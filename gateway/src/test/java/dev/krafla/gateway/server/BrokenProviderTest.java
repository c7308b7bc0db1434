package dev.krafla.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Providers that answer what is no answer: the client gets a clear error each time. */
class BrokenProviderTest {
  private static final String CHAT = "{\"model\":\"small\",\"messages\":[]}";
  private static final String STREAM = "{\"model\":\"small\",\"stream\":true}";
  private FakeProvider provider;
  private TestGateway gateway;

  @BeforeEach
  void start() throws IOException {
    provider = new FakeProvider();
    gateway =
        TestGateway.of(
            """
            providers:
              p: {kind: vllm, url: 'http://127.0.0.1:%d/v1', endpoints: [chat, messages, responses]}
            models:
              small: {targets: [p/big], silence: 200ms}
            """
                .formatted(provider.port()));
  }

  @AfterEach
  void stop() throws IOException {
    gateway.close();
    provider.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HELLO\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "fffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2\r\n{}too long\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"cut",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"
      })
  void whatIsNoAnswerIsABadGateway(String bytes) {
    provider.answers((_, out) -> breakOff(out, bytes));
    HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(502);
    assertThat(answer.body()).contains("bad_gateway", "p/big");
    assertThat(gateway.gatekeeper.givenBack).hasValue(1);
  }

  @Test
  void anEndlessHeadIsCutOff() {
    provider.answers((_, out) -> {
      out.write(FakeProvider.bytes("HTTP/1.1 200 OK\r\nX: "));
      byte[] more = FakeProvider.bytes("x".repeat(1 << 14));
      for (int i = 0; i < 1000; i++) {
        out.write(more);
      }
    });
    HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT);
    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.body()).contains("longer than the limit");
  }

  @Test
  void aStreamThatIsCutEndsWithAnErrorEvent() {
    provider.answers((_, out) -> {
      out.write(FakeProvider.streamHead());
      String half = FakeProvider.token("two").substring(0, 20);
      breakOff(out, text(FakeProvider.chunk(FakeProvider.token("one") + half)));
    });
    HttpResponse<String> answer = gateway.post("/v1/chat/completions", STREAM);
    assertThat(answer.body())
        .startsWith(FakeProvider.token("one") + "data: {\"error\":{\"message\":\"p/big broke off")
        .endsWith("data: [DONE]\n\n");
    // Something was written and nobody has counted it: it is settled by a guess.
    assertThat(gateway.gatekeeper.settled)
        .singleElement()
        .matches(s -> s.completionTokens() == 1 && s.promptTokens() > 0);
  }

  @Test
  void aStreamWithoutItsLastEventEndsWithAnErrorEventOnEachWire() {
    provider.answers((_, out) -> {
      out.write(FakeProvider.streamHead());
      out.write(FakeProvider.chunk("event: x\ndata: {\"type\":\"x\"}\n\n"));
      out.write(FakeProvider.lastChunk());
    });
    assertThat(gateway.post("/v1/chat/completions", STREAM).body())
        .contains("ended before its last event", "data: [DONE]");
    assertThat(gateway.post("/v1/messages", STREAM).body())
        .contains("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"");
    assertThat(gateway.post("/v1/responses", STREAM).body())
        .contains("event: error\ndata: {\"type\":\"error\"");
  }

  @Test
  void aStreamThatFallsSilentEndsWithAnErrorEvent() {
    provider.answers((_, out) -> {
      out.write(FakeProvider.streamHead());
      out.write(FakeProvider.chunk(FakeProvider.token("one")));
      out.flush();
      PassThroughTest.await(new CountDownLatch(1));
    });
    assertThat(gateway.post("/v1/chat/completions", STREAM).body())
        .contains("nothing came within 200 ms between two pieces");
  }

  @Test
  void garbageInPlaceOfEventsIsABadGateway() {
    for (String garbage : List.of("<html>not found</html>\n\n", "data: <html>\n\n", "\0\1\2\n\n")) {
      provider.answers((_, out) -> {
        out.write(FakeProvider.streamHead());
        out.write(FakeProvider.chunk(garbage));
        out.write(FakeProvider.lastChunk());
      });
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", STREAM);
      assertThat(answer.statusCode()).isIn(502, 503); // its circuit may be open by now
    }
  }

  @Test
  void garbageWithinAStreamIsNotPassedOn() {
    provider.answers((_, out) -> {
      out.write(FakeProvider.streamHead());
      out.write(FakeProvider.chunk(FakeProvider.token("one") + "\0garbage\n\n"));
      out.write(FakeProvider.lastChunk());
    });
    assertThat(gateway.post("/v1/chat/completions", STREAM).body())
        .startsWith(FakeProvider.token("one"))
        .contains("no server-sent event")
        .doesNotContain("garbage");
  }

  @Test
  void anEndlessLineIsCutOff() {
    provider.answers((_, out) -> {
      out.write(FakeProvider.streamHead());
      out.write(FakeProvider.chunk(FakeProvider.token("one") + "data: {\"x\":\""));
      byte[] more = FakeProvider.chunk("x".repeat(1 << 20));
      for (int i = 0; i < 40; i++) {
        out.write(more);
      }
    });
    assertThat(gateway.post("/v1/chat/completions", STREAM).body())
        .startsWith(FakeProvider.token("one"))
        .contains("longer than 16,777,216 bytes")
        .doesNotContain("xxx");
  }

  @Test
  void aWholeAnswerWhereAStreamWasAskedForIsABadGateway() {
    HttpResponse<String> answer = gateway.post("/v1/chat/completions", STREAM);
    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.body()).contains("'application/json' where a stream was asked for");
  }

  private static void breakOff(java.io.OutputStream out, String bytes) throws IOException {
    out.write(FakeProvider.bytes(bytes));
    out.flush();
    throw new IOException("broken off on purpose");
  }

  private static String text(byte[] bytes) {
    return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
  }
}
