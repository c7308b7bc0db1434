package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.engine.Engine;
import dev.krafla.models.LoadedModel;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Three models of 100 bytes each in a worker that has memory for two. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ModelPoolHttpTest {
  private final Map<String, AtomicInteger> inMemory = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private ModelPool pool = pool(Duration.ofSeconds(30), false);
  private Worker worker = start();

  private Worker start() {
    return Worker.start(WorkerConfig.DEFAULTS.at("127.0.0.1", 0), pool);
  }

  private void restart(Duration patience, boolean pinned) {
    stop();
    pool = pool(patience, pinned);
    worker = start();
  }

  @AfterEach
  void stop() {
    gates.values().forEach(CountDownLatch::countDown);
    worker.close();
    pool.close();
    inMemory.forEach((id, count) -> assertThat(count.get()).as(id).isZero());
  }

  private ModelPool pool(Duration patience, boolean firstIsPinned) {
    return new ModelPool(
        List.of(entry("a", firstIsPinned), entry("b", false), entry("c", false)), 200, patience);
  }

  private ModelPool.Entry entry(String id, boolean pinned) {
    return new ModelPool.Entry(id, 100, pinned, () -> load(id));
  }

  private LiveModel load(String id) throws IOException, InterruptedException {
    CountDownLatch gate = gates.get(id);
    if (gate != null) {
      gate.await();
    }
    if (id.equals("c") && gates.containsKey("broken")) {
      throw new IOException("its file is torn");
    }
    var lm = new ScriptedLm(2048);
    var model = new LoadedModel(lm, lm.tokenizer, Optional.of(new PlainTemplate()));
    Engine engine = Engine.start(model, TestWorker.small());
    AtomicInteger count = inMemory.computeIfAbsent(id, i -> new AtomicInteger());
    count.incrementAndGet();
    int all = inMemory.values().stream().mapToInt(AtomicInteger::get).sum();
    assertThat(all).as("models in memory at once").isLessThanOrEqualTo(2);
    return new LiveModel(
        new ServedModel(id, model, "scalar"),
        engine,
        () -> {
          engine.close();
          count.decrementAndGet();
        });
  }

  private HttpResponse<String> ask(String model) throws IOException, InterruptedException {
    String body =
        "{\"model\":\"%s\",\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
            .formatted(model);
    return http.send(
        HttpRequest.newBuilder(worker.url().resolve("/v1/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String get(String path) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(worker.url().resolve(path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private String states() throws IOException, InterruptedException {
    var states = new StringBuilder();
    for (JsonNode card : Json.parseObject(get("/v1/models")).get("data")) {
      states.append(card.get("id").stringValue()).append(' ');
      states.append(card.get("state").stringValue()).append(' ');
    }
    return states.toString().strip();
  }

  @Test
  void loadsWhatIsAskedForAndUnloadsWhatWasUsedLeastRecently() throws Exception {
    assertThat(states()).isEqualTo("a unloaded b unloaded c unloaded");
    for (String model : new String[] {"a", "b", "a", "c"}) {
      HttpResponse<String> answer = ask(model);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(Json.parseObject(answer.body()).get("model").stringValue()).isEqualTo(model);
    }
    assertThat(states()).isEqualTo("a ready b unloaded c ready");
    String metrics = get("/metrics");
    assertThat(metrics)
        .contains("krafla_model_state{model_name=\"b\",state=\"unloaded\"} 1")
        .containsPattern("krafla_model_loads_total 3")
        .containsPattern("krafla_model_evictions_total 1")
        .containsPattern("vllm:num_requests_running\\{[^}]*model_name=\"a\"[^}]*} 0")
        .containsPattern("vllm:num_requests_running\\{[^}]*model_name=\"c\"[^}]*} 0");
    assertThat(metrics.split("# TYPE vllm:num_requests_running ", -1)).hasSize(2);
  }

  @Test
  void aRequestThatNamesNoModelMeansTheFirstAndAnUnknownOneIsNotFound() throws Exception {
    assertThat(Json.parseObject(ask("").body()).get("model").stringValue()).isEqualTo("a");
    HttpResponse<String> unknown = ask("z");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("model_not_found", "'a', 'b', 'c'");
  }

  @Test
  void aPinnedModelStaysHoweverLongItIsNotUsed() throws Exception {
    restart(Duration.ofSeconds(30), true);
    for (String model : new String[] {"a", "b", "c", "b"}) {
      assertThat(ask(model).statusCode()).isEqualTo(200);
    }
    assertThat(states()).isEqualTo("a ready b ready c unloaded");
  }

  @Test
  void aModelThatARequestHoldsIsNotUnloaded() throws Exception {
    restart(Duration.ofMillis(50), false);
    try (ModelPool.Lease a = ready("a");
        ModelPool.Lease b = ready("b")) {
      HttpResponse<String> refused = ask("c");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.body()).contains("model_not_ready", "are in use");
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(a.model().engine().stats().failed() + b.model().engine().stats().failed())
          .isZero();
    }
    ready("c").close();
    assertThat(states()).isEqualTo("a unloaded b ready c ready");
  }

  /** Waits for as long as it takes, whatever the pool's patience is. */
  private ModelPool.Lease ready(String id) {
    while (true) {
      try {
        return pool.lease(id);
      } catch (Refused e) {
        assertThat(e.body().code()).contains("model_not_ready");
      }
    }
  }

  @Test
  void requestsForAModelThatIsBeingLoadedWaitForItNoLongerThanTheirPatience() throws Exception {
    restart(Duration.ofMillis(50), false);
    gates.put("b", new CountDownLatch(1));
    HttpResponse<String> refused = ask("b");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("model_not_ready", "still being loaded");
    assertThat(states()).isEqualTo("a unloaded b loading c unloaded");
    gates.get("b").countDown();
    ready("b").close();
    assertThat(ask("b").statusCode()).isEqualTo(200);
  }

  @Test
  void aModelThatCannotBeLoadedSaysWhyAndOthersGoOn() throws Exception {
    gates.put("broken", new CountDownLatch(0));
    HttpResponse<String> refused = ask("c");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.body()).contains("model_load_failed", "its file is torn");
    assertThat(ask("a").statusCode()).isEqualTo(200);
  }

  @Test
  void modelsThatCanNeverBeLoadedBesideThePinnedOnesAreRefusedAtTheStart() {
    assertThatThrownBy(
            () -> new ModelPool(List.of(entry("a", true), entry("b", false)), 199, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'b' takes 100 bytes")
        .hasMessageContaining("199");
  }
}
