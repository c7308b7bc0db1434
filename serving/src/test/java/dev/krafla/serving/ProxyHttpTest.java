package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.serving.proxy.ProxyConfig;
import dev.krafla.serving.replica.EngineAdapter;
import dev.krafla.serving.replica.ReplicaRole;
import dev.krafla.serving.replica.ReplicaSpec;
import dev.krafla.serving.route.Policy;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Two of our own workers behind one router. */
class ProxyHttpTest {
  private static final String CHAT = "/v1/chat/completions";

  private final TestWorker first = TestWorker.start();
  private final TestWorker second = TestWorker.start();
  private TestProxy proxy;

  @BeforeEach
  void start() {
    proxy = TestProxy.start(Policy.PREFIX, first.worker.url(), second.worker.url());
  }

  @AfterEach
  void stop() {
    proxy.close();
    first.close();
    second.close();
  }

  private static String chat(boolean stream, String content) {
    return """
    {"model":"scripted","stream":%s,"max_tokens":2000,"messages":[{"role":"user","content":"%s"}]}\
    """
        .formatted(stream, content);
  }

  private static String conversation(int number, int turns) {
    var messages = Json.array();
    messages
        .addObject()
        .put("role", "system")
        .put("content", "You are number " + number + ". ".repeat(40));
    for (int turn = 0; turn < turns; turn++) {
      messages
          .addObject()
          .put("role", "user")
          .put("content", "Question " + turn + ", at length".repeat(9));
      messages.addObject().put("role", "assistant").put("content", "Hello there.");
    }
    messages.addObject().put("role", "user").put("content", "And?");
    ObjectNode body = Json.object();
    body.put("model", "scripted").put("max_tokens", 20).set("messages", messages);
    return Json.write(body);
  }

  @Test
  void passesAWholeAnswerThrough() throws Exception {
    HttpResponse<String> answer = proxy.post(CHAT, chat(false, "Hi"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(answer.headers().firstValue("X-Krafla-Replica")).isPresent();
    assertThat(Json.parseObject(answer.body()).at("/choices/0/message/content").stringValue())
        .isEqualTo("Hello there.");
  }

  @Test
  void passesEventsThroughAsTheyCome() throws Exception {
    for (TestWorker worker : List.of(first, second)) {
      worker.lm.hold();
      worker.lm.endless();
      worker.lm.steps.release(3);
    }
    HttpResponse<Stream<String>> answer = proxy.lines(CHAT, chat(true, "Hi"));
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/event-stream");
    Iterator<String> lines = answer.body().iterator();

    // The model is held: what comes now comes while the answer is far from its end.
    assertThat(lines.next()).startsWith("data: {");
    first.lm.steps.release(3000);
    second.lm.steps.release(3000);
    String last = "";
    while (lines.hasNext()) {
      String line = lines.next();
      last = line.isEmpty() ? last : line;
    }
    assertThat(last).isEqualTo("data: [DONE]");
  }

  @Test
  void aConversationStaysAtTheWorkerThatHasItsBeginning() throws Exception {
    for (int turn = 1; turn <= 4; turn++) {
      for (int number = 0; number < 6; number++) {
        HttpResponse<String> answer = proxy.post(CHAT, conversation(number, turn));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        if (turn > 1) { // all but the last two messages was there before
          ObjectNode usage = (ObjectNode) Json.parseObject(answer.body()).get("usage");
          int cached = usage.at("/prompt_tokens_details/cached_tokens").intValue();
          assertThat(cached).isGreaterThan(usage.get("prompt_tokens").intValue() / 2);
        }
      }
    }
    assertThat(List.of(first, second))
        .allMatch(worker -> worker.engine.stats().generationTokens() > 0);
    assertThat(proxy.metric("krafla_router_uncached_tokens_total"))
        .isLessThan(proxy.metric("krafla_router_prompt_tokens_total") / 2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClientThatLeavesEndsTheWorkersWork(boolean stream) throws Exception {
    first.lm.endless();
    second.lm.endless();
    first.lm.hold();
    second.lm.hold();
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), proxy.proxy.url().getPort())) {
      byte[] body = chat(stream, "Hi").getBytes(StandardCharsets.UTF_8);
      socket
          .getOutputStream()
          .write(
              "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                  .formatted(CHAT, body.length)
                  .getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().write(body);
      TestProxy.await(() -> first.lm.isHeld() || second.lm.isHeld());
      TestWorker busy = first.lm.isHeld() ? first : second;
      busy.lm.steps.release(5);
      busy.await(s -> s.generationTokens() >= 4);
      if (stream) {
        InputStream in = socket.getInputStream();
        assertThat(new String(in.readNBytes(12), StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 200");
      }
    }
    TestProxy.await(() -> { // at most one step after the worker has noticed
      first.lm.steps.release();
      second.lm.steps.release();
      return first.engine.stats().aborted() + second.engine.stats().aborted() == 1;
    });
    TestProxy.await(() -> proxy.proxy.underWay() == 0);
  }

  @Test
  void showsTheModelsOfAllAndWhoIsReady() throws Exception {
    try (FakeReplica other = FakeReplica.start("other")) {
      proxy.pool.replace(
          List.of(TestProxy.specs(first.worker.url(), second.worker.url(), other.url())));
      ObjectNode models = Json.parseObject(proxy.get("/v1/models").body());
      assertThat(models.get("data").valueStream().map(m -> m.get("id").stringValue()))
          .containsExactly("other", "scripted");
      assertThat(proxy.get("/v1/models/other").statusCode()).isEqualTo(200);
      assertThat(proxy.get("/v1/models/none").statusCode()).isEqualTo(404);
      assertThat(Json.parseObject(proxy.get("/health").body()).get("ready").intValue())
          .isEqualTo(3);

      HttpResponse<String> answer = proxy.post(CHAT, "{\"model\":\"other\",\"messages\":[]}");

      assertThat(answer.body()).isEqualTo("{}");
      assertThat(other.requests).hasSize(1);
    }
  }

  @Test
  void replicasMayComeAndGo() throws Exception {
    proxy.pool.replace(List.of(TestProxy.specs(first.worker.url())));
    for (int i = 0; i < 4; i++) {
      assertThat(proxy.post(CHAT, chat(false, "Hi " + i)).statusCode()).isEqualTo(200);
    }
    assertThat(second.engine.stats().generationTokens()).isZero();
    proxy.pool.replace(List.of(TestProxy.specs(second.worker.url())));
    assertThat(proxy.post(CHAT, chat(false, "Hi")).statusCode()).isEqualTo(200);
    assertThat(second.engine.stats().generationTokens()).isPositive();
    proxy.pool.replace(List.of());
    assertThat(proxy.post(CHAT, chat(false, "Hi")).statusCode()).isEqualTo(503);
  }

  @Test
  void tokenizesAtAWorker() throws Exception {
    HttpResponse<String> answer =
        proxy.post("/tokenize", "{\"model\":\"scripted\",\"prompt\":\"Hi\"}");
    assertThat(Json.parseObject(answer.body()).get("count").intValue()).isPositive();
  }

  @Test
  void addsUpWhatItsWorkersShow() throws Exception {
    for (int i = 0; i < 4; i++) {
      proxy.post(CHAT, chat(false, "Number " + i));
    }
    double expected =
        first.engine.stats().promptTokens() + (double) second.engine.stats().promptTokens();
    TestProxy.await(() -> sample("vllm:prompt_tokens_total") == expected);
    TestProxy.await(() -> sample("vllm:num_requests_running") == 0); // one scrape may be too early
    assertThat(proxy.get("/metrics").body())
        .contains("vllm:num_requests_waiting 0.0")
        .contains("vllm:kv_cache_usage_perc ")
        .contains("krafla_engine_busy_seconds_total ");
  }

  private double sample(String name) {
    try {
      return proxy.metric(name);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{                                                     | 400 | invalid_value   | not valid JSON",
        "[]                                                    | 400 | invalid_value   | must be a JSON object",
        "{'model':'none','messages':[]}                        | 404 | model_not_found | there is scripted",
        "{'model':'scripted','messages':[],'kv_transfer_params':{}} | 400 | invalid_value | not for clients",
        "{'model':'scripted','messages':[]}                     | 400 | invalid_value   | at least one message",
      })
  void saysWhatIsWrongWithARequest(String body, int status, String code, String message)
      throws Exception {
    HttpResponse<String> answer = proxy.post(CHAT, body.replace('\'', '"'));
    assertThat(answer.statusCode()).isEqualTo(status);
    ObjectNode error = TestWorker.error(answer);
    assertThat(error.get("code").stringValue()).isEqualTo(code);
    assertThat(error.get("message").stringValue()).contains(message);
  }

  @Test
  void refusesABodyThatIsTooLargeAndARouteThatIsNotThere() throws Exception {
    try (TestProxy small =
        TestProxy.start(
            Policy.PREFIX,
            ProxyConfig.DEFAULTS.withLimits(1000, 10),
            TestProxy.specs(first.worker.url()))) {
      HttpResponse<String> answer = small.post(CHAT, chat(false, "x".repeat(2000)));
      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(TestWorker.error(answer).get("message").stringValue()).contains("1,000 bytes");
      assertThat(small.get("/nothing").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void keysStayWhereTheyBelong() throws Exception {
    try (FakeReplica replica = FakeReplica.start("fake")) {
      var spec =
          new ReplicaSpec(
              replica.url(),
              EngineAdapter.of("krafla"),
              List.of(),
              ReplicaRole.BOTH,
              Optional.of("REPLICA_KEY"),
              Optional.empty(),
              OptionalInt.empty());
      ProxyConfig config = ProxyConfig.DEFAULTS.withApiKey(Optional.of("router-secret"));
      try (TestProxy guarded = TestProxy.start(Policy.PREFIX, config, spec)) {
        assertThat(guarded.post(CHAT, "{}").statusCode()).isEqualTo(401);
        assertThat(guarded.get("/v1/models").statusCode()).isEqualTo(401);
        assertThat(guarded.get("/health").statusCode()).isEqualTo(200);
        assertThat(guarded.get("/health").body() + guarded.get("/metrics").body())
            .doesNotContain("secret");
        HttpResponse<String> answer =
            guarded.post(CHAT, "{}", "Authorization", "Bearer router-secret");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(replica.requests.getLast().headers())
            .containsEntry("authorization", "Bearer replica-secret");
      }
    }
  }

  @Test
  void passesHeadersButThoseOfAConnection() throws Exception {
    try (FakeReplica replica = FakeReplica.start("fake")) {
      replica.answers((_, out) ->
          out.write(
              FakeReplica.whole(
                  200,
                  "application/json",
                  "{ }",
                  "X-Of-The-Replica: 7",
                  "Keep-Alive: timeout=5",
                  "X-Private: 1",
                  "Connection: X-Private")));
      try (TestProxy plain = TestProxy.start(Policy.PREFIX, replica.url())) {
        HttpResponse<String> answer =
            plain.post(
                CHAT,
                "{ \"n\" : 1.50 }",
                "Authorization",
                "Bearer own",
                "X-Of-The-Client",
                "8",
                "TE",
                "trailers",
                "X-Request-Id",
                "seven");
        assertThat(answer.body()).isEqualTo("{ }");
        assertThat(answer.headers().firstValue("X-Of-The-Replica")).contains("7");
        assertThat(answer.headers().firstValue("X-Request-Id")).contains("seven");
        assertThat(answer.headers().map()).doesNotContainKeys("keep-alive", "x-private");
        FakeReplica.Request got = replica.requests.getLast();
        assertThat(got.body()).isEqualTo("{ \"n\" : 1.50 }");
        assertThat(got.headers())
            .containsEntry("authorization", "Bearer own")
            .containsEntry("x-of-the-client", "8")
            .containsEntry("x-request-id", "seven")
            .containsEntry("host", URI.create(replica.url().toString()).getAuthority())
            .doesNotContainKey("te");
      }
    }
  }

  @Test
  void finishesWhatRunsAndTakesNothingNewWhileItDrains() throws Exception {
    first.lm.hold();
    second.lm.hold();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<HttpResponse<String>> running =
          threads.submit(() -> proxy.post(CHAT, chat(false, "Hi")));
      TestProxy.await(() -> first.lm.isHeld() || second.lm.isHeld());
      Future<Boolean> drained =
          threads.submit(() -> proxy.proxy.drain(java.time.Duration.ofSeconds(20)));
      while (proxy.get("/health").statusCode() != 503) {
        Thread.onSpinWait();
      }
      assertThat(proxy.post(CHAT, chat(false, "late")).statusCode()).isEqualTo(503);
      first.lm.steps.release(1000);
      second.lm.steps.release(1000);
      assertThat(running.get().statusCode()).isEqualTo(200);
      assertThat(drained.get()).isTrue();
    }
  }
}
