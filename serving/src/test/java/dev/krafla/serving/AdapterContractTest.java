package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krafla.serving.proxy.ProxyConfig;
import dev.krafla.serving.replica.EngineAdapter;
import dev.krafla.serving.replica.Replica;
import dev.krafla.serving.replica.ReplicaHealth;
import dev.krafla.serving.replica.ReplicaSpec;
import dev.krafla.serving.route.Policy;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/**
 * What each kind of server shows, read by its adapter. vLLM's (0.32.0, CPU build) and llama.cpp's
 * (0.5.0-dev, of llama-cpp-python 0.3.36) pages were recorded from the running servers; SGLang
 * could not be run, its names are those of its documentation.
 */
class AdapterContractTest {
  private static final String CHAT =
      "{\"model\":\"peer\",\"messages\":[{\"role\":\"system\",\"content\":\"You are kind.\"},"
          + "{\"role\":\"user\",\"content\":\"Hi\"}],\"max_tokens\":4,\"stream\":true}";

  private static String recorded(String path) throws IOException {
    try (InputStream in = AdapterContractTest.class.getResourceAsStream("/contracts/" + path)) {
      assertThat(in).as(path).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static ReplicaHealth look(URI url, String kind) {
    try (TestProxy proxy =
        TestProxy.start(
            Policy.PREFIX, ProxyConfig.DEFAULTS, ReplicaSpec.of(url, EngineAdapter.of(kind)))) {
      Replica replica = proxy.pool.replicas().getFirst();
      return replica.health();
    }
  }

  private static FakeReplica fake(String kind) throws IOException {
    return FakeReplica.start("peer")
        .page("/v1/models", recorded(kind + "/models.json"))
        .page("/metrics", recorded(kind + "/metrics.txt"));
  }

  @Test
  void readsVllm() throws IOException {
    try (FakeReplica vllm = fake("vllm")) {
      ReplicaHealth health = look(vllm.url(), "vllm");
      assertThat(health.ready()).isTrue();
      assertThat(health.models()).containsExactly("peer");
      assertThat(health.load().kvUsage()).hasValue(0);
      assertThat(health.load().cacheTokens()).hasValue(364 * 128);
      assertThat(health.load().counters())
          .containsEntry("vllm:prefix_cache_hits_total", 256.0)
          .containsKey("vllm:generation_tokens_total");
    }
  }

  /** What was recorded as the answer's tokens is what these bodies ask for. */
  @Test
  void asksVllmForTokensAsItAnswered() throws IOException {
    EngineAdapter vllm = EngineAdapter.of("vllm");
    ObjectNode body = vllm.tokenizeBody(Json.parseObject(CHAT), true).orElseThrow();
    assertThat(body.propertyNames()).containsExactlyInAnyOrder("model", "messages");
    assertThat(Json.parseObject(recorded("vllm/tokenize_chat.json")).get("tokens").size())
        .isEqualTo(19);
  }

  @Test
  void readsLlamaCpp() throws IOException {
    try (FakeReplica llama = fake("llamacpp").page("/health", recorded("llamacpp/health.json"))) {
      ReplicaHealth health = look(llama.url(), "llamacpp");
      assertThat(health.ready()).isTrue();
      assertThat(health.models()).containsExactly("peer");
      assertThat(health.load().running()).isZero();
      assertThat(health.load().kvUsage()).isEmpty(); // it tells no such thing any more
    }
  }

  @Test
  void waitsForLlamaCppToLoadItsModel() throws IOException {
    String loading = recorded("llamacpp/loading.txt");
    try (FakeReplica llama =
        fake("llamacpp").page("/health", loading.substring(loading.indexOf("\r\n\r\n")).strip())) {
      llama.healthy(false);
      ReplicaHealth health = look(llama.url(), "llamacpp");
      assertThat(health.ready()).isFalse();
      assertThat(health.reason()).contains("503").contains("Loading model");
    }
  }

  @Test
  void readsSglang() throws IOException {
    try (FakeReplica sglang =
        FakeReplica.start("peer")
            .page(
                "/metrics",
                """
                # HELP sglang:num_running_reqs The number of running requests
                # TYPE sglang:num_running_reqs gauge
                sglang:num_running_reqs{model_name="m"} 2.0
                sglang:num_queue_reqs{model_name="m"} 3.0
                sglang:token_usage{model_name="m"} 0.28
                sglang:max_total_num_tokens{model_name="m"} 1.5e+05
                """)) {
      ReplicaHealth health = look(sglang.url(), "sglang");
      assertThat(health.load().running()).isEqualTo(2);
      assertThat(health.load().waiting()).isEqualTo(3);
      assertThat(health.load().kvUsage().orElseThrow()).isEqualTo(0.28, within(1e-9));
      assertThat(health.load().cacheTokens()).hasValue(150_000);
    }
  }

  @Test
  void readsAnyOpenAiServer() throws IOException {
    try (FakeReplica any = FakeReplica.start("gpt")) {
      assertThat(look(any.url(), "openai").models()).containsExactly("gpt");
      any.healthy(false);
      assertThat(look(any.url(), "openai").reason()).contains("/v1/models answers 503");
    }
  }

  @Test
  void readsOurOwnWorker() throws Exception {
    try (TestWorker worker = TestWorker.start()) {
      worker.post("/v1/completions", "{\"prompt\":\"Hello, world, once more\",\"max_tokens\":2}");
      ReplicaHealth health = look(worker.worker.url(), "krafla");
      assertThat(health.models()).containsExactly(TestWorker.MODEL);
      assertThat(health.load().kvUsage()).hasValue(0);
      assertThat(health.load().cacheTokens().orElseThrow())
          .isEqualTo(
              (long) worker.engine.stats().totalBlocks() * worker.engine.stats().blockTokens());
      assertThat(health.load().counters().get("vllm:generation_tokens_total")).isEqualTo(2);
    }
  }
}
