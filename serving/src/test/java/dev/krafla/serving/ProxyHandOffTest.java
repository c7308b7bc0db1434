package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.serving.proxy.ProxyConfig;
import dev.krafla.serving.replica.EngineAdapter;
import dev.krafla.serving.replica.ReplicaRole;
import dev.krafla.serving.replica.ReplicaSpec;
import dev.krafla.serving.route.Policy;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Prompts computed by one replica and answered by another, in vLLM's and in SGLang's shape. */
class ProxyHandOffTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String PARAMS =
      "{\"do_remote_prefill\":true,\"remote_block_ids\":[3,4],\"remote_host\":\"p\"}";

  private FakeReplica prefill;
  private FakeReplica decode;
  private TestProxy proxy;

  @BeforeEach
  void start() throws IOException {
    prefill = FakeReplica.start("m");
    decode = FakeReplica.start("m");
    prefill.answers((_, out) ->
        out.write(
            FakeReplica.whole(
                200,
                "application/json",
                "{\"choices\":[],\"kv_transfer_params\":" + PARAMS + "}")));
    decode.answers((_, out) -> out.write(FakeReplica.whole(200, "application/json", "{\"d\":1}")));
    proxy = behind("vllm");
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    prefill.close();
    decode.close();
  }

  private TestProxy behind(String kind) {
    EngineAdapter adapter = EngineAdapter.of(kind);
    return TestProxy.start(
        Policy.PREFIX,
        ProxyConfig.DEFAULTS.withMinRemoteTokens(100),
        ReplicaSpec.of(prefill.url(), adapter).withRole(ReplicaRole.PREFILL),
        ReplicaSpec.of(decode.url(), adapter).withRole(ReplicaRole.DECODE));
  }

  private static String body(int characters) {
    return "{ \"model\":\"m\", \"max_tokens\": 7, \"stream\":true, \"stream_options\":{},"
        + " \"messages\":[{\"role\":\"user\",\"content\":\""
        + "x".repeat(characters)
        + "\"}]}";
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "krafla"})
  void prefillComesFirstAndItsAnswerGoesIntoTheOriginalRequest(String kind) throws Exception {
    try (TestProxy both = behind(kind)) {
      assertThat(both.post(CHAT, body(1000), "X-Request-Id", "one").body()).isEqualTo("{\"d\":1}");
    }
    FakeReplica.Request first = prefill.requests.getFirst();
    ObjectNode asked = Json.parseObject(first.body());
    assertThat(asked.get("max_tokens").intValue()).isEqualTo(1);
    assertThat(asked.get("stream").booleanValue()).isFalse();
    assertThat(asked.has("stream_options")).isFalse();
    assertThat(asked.get("messages")).isEqualTo(Json.parseObject(body(1000)).get("messages"));
    assertThat(Json.write(asked.get("kv_transfer_params")))
        .isEqualTo(
            "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"remote_engine_id\":null,"
                + "\"remote_block_ids\":null,\"remote_host\":null,\"remote_port\":null}");
    FakeReplica.Request second = decode.requests.getFirst();
    assertThat(second.body())
        .isEqualTo("{\"kv_transfer_params\":" + PARAMS + "," + body(1000).substring(1));
    assertThat(first.headers()).containsEntry("x-request-id", "one");
    assertThat(second.headers()).containsEntry("x-request-id", "one");
  }

  @Test
  void shortPromptsAreLeftToTheDecodeReplica() throws Exception {
    assertThat(proxy.post(CHAT, body(100)).statusCode()).isEqualTo(200);
    assertThat(prefill.requests).isEmpty();
    assertThat(decode.requests.getFirst().body()).isEqualTo(body(100));
    assertThat(proxy.metric("krafla_router_prefills_total{outcome=\"not_worth_it\"}")).isOne();
  }

  @Test
  void aPromptThatTheDecodeReplicaHasIsNotComputedElsewhere() throws Exception {
    proxy.post(CHAT, body(1000));
    proxy.post(CHAT, body(1050));
    assertThat(prefill.requests).hasSize(1);
    assertThat(decode.requests).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hangs up", "500", "503", "no params", "no json"})
  void afterAnyPrefillFailureTheDecodeReplicaComputesThePrompt(String how) throws Exception {
    prefill.answers((_, out) -> {
      switch (how) {
        case "hangs up" -> throw new IOException(how);
        case "no params" -> out.write(FakeReplica.whole(200, "application/json", "{}"));
        case "no json" -> out.write(FakeReplica.whole(200, "text/html", "<p>"));
        default -> out.write(FakeReplica.whole(Integer.parseInt(how), "text/plain", "no"));
      }
    });
    assertThat(proxy.post(CHAT, body(1000)).body()).isEqualTo("{\"d\":1}");
    assertThat(decode.requests.getFirst().body()).isEqualTo(body(1000));
    prefill.healthy(false);
    TestProxy.await(() -> !proxy.pool.replicas().getFirst().health().ready());
    assertThat(proxy.post(CHAT, body(2000)).body()).isEqualTo("{\"d\":1}");
  }

  @Test
  void aDecodeThatFetchesBlocksIsNotBrokenOffBeforeItsFirstToken() throws Exception {
    var handedOff = new CountDownLatch(1);
    var left = new CountDownLatch(1);
    var ended = new CountDownLatch(1);
    var broken = new AtomicBoolean();
    decode.answers((_, out) -> {
      handedOff.countDown();
      out.write(FakeReplica.eventHead());
      out.flush();
      await(left);
      try {
        for (int i = 0; i < 3; i++) { // a router that hung up would show by the second
          out.write(FakeReplica.chunk("data: {}\n\n"));
          out.flush();
        }
        awaitHangUp(out, broken);
      } finally {
        ended.countDown();
      }
    });
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), proxy.proxy.url().getPort())) {
      byte[] body = body(1000).getBytes(StandardCharsets.UTF_8);
      socket
          .getOutputStream()
          .write(
              "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                  .formatted(CHAT, body.length)
                  .getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(body);
      handedOff.await();
    }
    left.countDown();
    ended.await();
    assertThat(broken).as("the router hung up once the first token was there").isTrue();
    TestProxy.await(() -> proxy.proxy.underWay() == 0);
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Writes on until that fails. */
  private static void awaitHangUp(java.io.OutputStream out, AtomicBoolean broken) {
    TestProxy.await(() -> {
      try {
        out.write(FakeReplica.chunk("data: {}\n\n"));
        out.flush();
        return false;
      } catch (IOException e) {
        broken.set(true);
        return true;
      }
    });
  }

  @Test
  void sglangsTwoGetTheSameBodyAtOnce() throws Exception {
    var bothThere = new CountDownLatch(2);
    for (FakeReplica replica : new FakeReplica[] {prefill, decode}) {
      replica.answers((_, out) -> {
        bothThere.countDown();
        await(bothThere);
        out.write(
            FakeReplica.whole(200, "application/json", replica == decode ? "{\"d\":1}" : "{}"));
      });
    }
    try (TestProxy both = behind("sglang")) {
      assertThat(both.post(CHAT, body(40)).body()).isEqualTo("{\"d\":1}");
    }
    ObjectNode asked = Json.parseObject(decode.requests.getFirst().body());
    assertThat(prefill.requests.getFirst().body()).isEqualTo(decode.requests.getFirst().body());
    assertThat(asked.get("bootstrap_host").stringValue()).isEqualTo("127.0.0.1");
    assertThat(asked.get("bootstrap_port").intValue()).isEqualTo(8998);
    assertThat(asked.get("bootstrap_room").longValue()).isNotNegative();
    assertThat(asked.get("max_tokens").intValue()).isEqualTo(7);
  }

  @Test
  void anSglangPrefillThatFailsEndsItsDecodeToo() throws Exception {
    var never = new CountDownLatch(1);
    decode.answers((_, _) -> await(never));
    prefill.answers((_, out) -> out.write(FakeReplica.whole(500, "text/plain", "no")));
    try (TestProxy both = behind("sglang")) {
      var answer = both.post(CHAT, body(40));
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).contains("prefill replica").contains("answers 500");
    } finally {
      never.countDown();
    }
  }

  @Test
  void aPrefillReplicaAnswersNoWholeRequests() throws Exception {
    try (TestProxy alone =
        TestProxy.start(
            Policy.PREFIX,
            ProxyConfig.DEFAULTS,
            ReplicaSpec.of(prefill.url(), EngineAdapter.of("vllm"))
                .withRole(ReplicaRole.PREFILL))) {
      var answer = alone.post(CHAT, body(40));
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("it only computes prompts");
    }
  }
}
