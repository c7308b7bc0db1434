package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.serving.proxy.ProxyConfig;
import dev.krafla.serving.replica.EngineAdapter;
import dev.krafla.serving.replica.KvEventSource;
import dev.krafla.serving.replica.ReplicaSpec;
import dev.krafla.serving.route.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Two fakes with vLLM's recorded answers: one of them publishes what vLLM's cache stored. */
class ProxyKvEventsTest {
  /** What was asked of vLLM when its events were recorded. */
  private static final String PROMPT =
      "The three largest volcanoes of Iceland are known to every child. ".repeat(24);

  private static String recorded(String name) throws IOException {
    try (InputStream in = ProxyKvEventsTest.class.getResourceAsStream("/contracts/vllm/" + name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static FakeReplica fake() throws IOException {
    String tokens = recorded("tokenize.json");
    return FakeReplica.start("peer")
        .answers((request, out) ->
            out.write(
                FakeReplica.whole(
                    200,
                    "application/json",
                    request.path().equals("/tokenize") ? tokens : "{\"answer\":1}")));
  }

  @Test
  void aRequestGoesToWhoSaysThatItHoldsItsPrompt() throws Exception {
    EngineAdapter vllm = EngineAdapter.of("vllm");
    try (FakeReplica other = fake();
        FakeReplica holder = fake();
        ZContext context = new ZContext();
        ZMQ.Socket publisher = context.createSocket(SocketType.PUB)) {
      int port = publisher.bindToRandomPort("tcp://127.0.0.1");
      var source = new KvEventSource("tcp://127.0.0.1:" + port, Optional.empty(), "kv@");
      try (TestProxy proxy =
          TestProxy.start(
              Policy.PREFIX,
              ProxyConfig.DEFAULTS,
              ReplicaSpec.of(other.url(), vllm),
              ReplicaSpec.of(holder.url(), vllm).withEvents(source))) {
        String[] event = recorded("events.hex").lines().findFirst().orElseThrow().split(" ", -1);
        String body = "{\"model\":\"peer\",\"prompt\":\"" + PROMPT + "\"}";
        // The other one has the prompt by the router's own record; the holder says it has it.
        TestProxy.await(() -> {
          for (int frame = 0; frame < 2; frame++) {
            publisher.sendMore(HexFormat.of().parseHex(event[frame]));
          }
          publisher.send(HexFormat.of().parseHex(event[2]));
          holder.requests.clear();
          other.requests.clear();
          try {
            proxy.post("/v1/completions", body);
          } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
          }
          return holder.requests.stream().anyMatch(r -> r.path().equals("/v1/completions"));
        });
        assertThat(proxy.metric("krafla_router_tokenized_total{outcome=\"found\"}")).isPositive();
        assertThat(proxy.metric("krafla_router_tokenized_total{outcome=\"failed\"}")).isZero();
      }
    }
  }
}
