package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.serving.proxy.ProxyConfig;
import dev.krafla.serving.replica.Circuit;
import dev.krafla.serving.replica.Replica;
import dev.krafla.serving.route.Policy;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas that fail, at whatever moment. */
class ProxyFaultsTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String BODY = "{\"model\":\"m\",\"stream\":%s,\"messages\":[]}";
  private static final String EVENT = "data: {\"choices\":[]}\n\n";

  private FakeReplica bad;
  private FakeReplica good;
  private TestProxy proxy;

  @BeforeEach
  void start() throws IOException {
    bad = FakeReplica.start("m");
    good = FakeReplica.start("m");
    good.answers((request, out) -> {
      if (request.body().contains("\"stream\":true")) {
        out.write(FakeReplica.eventHead());
        out.write(FakeReplica.chunk(EVENT));
        out.write(FakeReplica.chunk("data: [DONE]\n\n"));
        out.write(FakeReplica.lastChunk());
      } else {
        out.write(FakeReplica.whole(200, "application/json", "{\"good\":1}"));
      }
    });
    proxy = TestProxy.start(Policy.ROUND_ROBIN, bad.url(), good.url()); // the bad one first
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    bad.close();
    good.close();
  }

  private Replica badReplica() {
    return proxy.pool.replicas().getFirst();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReplicaThatHangsUpBeforeItsFirstByteIsReplacedByAnother(boolean stream) throws Exception {
    bad.answers((_, _) -> {
      throw new IOException("hangs up");
    });

    HttpResponse<String> answer = proxy.post(CHAT, BODY.formatted(stream));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains(stream ? "[DONE]" : "good").doesNotContain("error");
    assertThat(bad.requests).hasSize(1);
  }

  @Test
  void aReplicaThatHangsUpAfterItsHeadersIsReplacedByAnother() throws Exception {
    bad.answers((_, out) -> {
      out.write(FakeReplica.eventHead());
      out.flush();
      throw new IOException("hangs up");
    });

    HttpResponse<String> answer = proxy.post(CHAT, BODY.formatted(true));

    assertThat(answer.body()).isEqualTo(EVENT + "data: [DONE]\n\n");
  }

  @Test
  void aWholeAnswerThatBreaksOffIsAskedForElsewhere() throws Exception {
    bad.answers((_, out) -> {
      byte[] whole = FakeReplica.whole(200, "application/json", "{\"bad\":1}");
      out.write(whole, 0, whole.length - 3);
      out.flush();
      throw new IOException("hangs up");
    });

    assertThat(proxy.post(CHAT, BODY.formatted(false)).body()).isEqualTo("{\"good\":1}");
  }

  @Test
  void aStreamThatBreaksOffEndsWithAnErrorThatClientsUnderstand() throws Exception {
    bad.answers((_, out) -> {
      out.write(FakeReplica.eventHead());
      out.write(FakeReplica.chunk(EVENT + EVENT + "data: {\"choi"));
      out.flush();
      throw new IOException("hangs up");
    });

    HttpResponse<String> answer = proxy.post(CHAT, BODY.formatted(true));

    assertThat(answer.statusCode()).isEqualTo(200);
    List<String> events = events(answer.body());
    assertThat(events).hasSize(4).endsWith("[DONE]").doesNotContain("{\"choi");
    var error = Json.parseObject(events.get(2)).get("error");
    assertThat(error.get("code").stringValue()).isEqualTo("bad_gateway");
    assertThat(error.get("message").stringValue()).contains("broke off").contains("ask again");
    assertThat(good.requests).isEmpty();
    TestProxy.await(() -> proxy.proxy.underWay() == 0);
  }

  private static List<String> events(String body) {
    List<String> events = new ArrayList<>();
    body.lines()
        .filter(line -> line.startsWith("data: "))
        .forEach(line -> events.add(line.substring(6)));
    return events;
  }

  @Test
  void aReplicaThatGoesSilentIsGivenUp() throws Exception {
    var end = new CountDownLatch(1);
    bad.answers((_, out) -> {
      out.write(FakeReplica.eventHead());
      out.write(FakeReplica.chunk(EVENT));
      out.flush();
      await(end);
    });
    ProxyConfig impatient = ProxyConfig.DEFAULTS.withPatience(3, Duration.ofMillis(100));
    try (TestProxy quick = TestProxy.start(Policy.PREFIX, impatient, TestProxy.specs(bad.url()))) {
      HttpResponse<String> answer = quick.post(CHAT, BODY.formatted(true));

      assertThat(answer.body()).contains("nothing came for").endsWith("data: [DONE]\n\n");
    } finally {
      end.countDown();
    }
  }

  private static void await(CountDownLatch end) throws IOException {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 502, 503, 504})
  void anAnswerThatAsksForAnotherTryIsTriedElsewhereFirst(int status) throws Exception {
    bad.answers((_, out) ->
        out.write(FakeReplica.whole(status, "application/json", "{\"bad\":1}", "Retry-After: 7")));

    assertThat(proxy.post(CHAT, BODY.formatted(false)).body()).isEqualTo("{\"good\":1}");

    good.answers((_, out) ->
        out.write(FakeReplica.whole(429, "application/json", "{\"full\":1}", "Retry-After: 9")));
    HttpResponse<String> refused = proxy.post(CHAT, BODY.formatted(false));
    assertThat(refused.statusCode()).isIn(429, status);
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 500})
  void otherErrorsAreTheReplicasWordAndFinal(int status) throws Exception {
    bad.answers(
        (_, out) -> out.write(FakeReplica.whole(status, "application/json", "{\"bad\":1}")));

    HttpResponse<String> answer = proxy.post(CHAT, BODY.formatted(false));

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).isEqualTo("{\"bad\":1}");
    assertThat(good.requests).isEmpty();
  }

  @Test
  void aReplicaThatFailsAgainAndAgainIsLeftAloneUntilATryWorks() throws Exception {
    bad.answers((_, _) -> {
      throw new IOException("hangs up");
    });
    for (int i = 0; i < 10; i++) {
      assertThat(proxy.post(CHAT, BODY.formatted(false)).statusCode()).isEqualTo(200);
    }
    assertThat(bad.requests).hasSize(3);
    assertThat(badReplica().circuit().state()).isInstanceOf(Circuit.State.Open.class);
    assertThat(badReplica().takesRequests()).isFalse();

    bad.answers((_, out) -> out.write(FakeReplica.whole(200, "application/json", "{\"bad\":1}")));
    TestProxy.await(() -> badReplica().circuit().admits());
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      answers.add(proxy.post(CHAT, BODY.formatted(false)).body());
    }
    assertThat(answers).contains("{\"bad\":1}");
    assertThat(badReplica().circuit().state()).isEqualTo(new Circuit.State.Closed(0));
  }

  @Test
  void aReplicaThatIsNotWellGetsNothingUntilItIs() throws Exception {
    bad.healthy(false);
    TestProxy.await(() -> !badReplica().health().ready());
    for (int i = 0; i < 4; i++) {
      assertThat(proxy.post(CHAT, BODY.formatted(false)).body()).isEqualTo("{\"good\":1}");
    }
    assertThat(bad.requests).isEmpty();
    bad.healthy(true);
    TestProxy.await(() -> badReplica().health().ready());
    proxy.post(CHAT, BODY.formatted(false));
    proxy.post(CHAT, BODY.formatted(false));
    assertThat(bad.requests).hasSize(1);
  }

  @Test
  void saysWhoIsNotReadyAndWhatToDo() throws Exception {
    bad.healthy(false);
    good.close();
    TestProxy.await(() -> proxy.pool.replicas().stream().noneMatch(Replica::takesRequests));

    HttpResponse<String> answer = proxy.post(CHAT, BODY.formatted(false));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    var error = TestWorker.error(answer);
    assertThat(error.get("code").stringValue()).isEqualTo("no_replica_ready");
    assertThat(error.get("message").stringValue())
        .contains("/health answers 503")
        .contains("cannot be reached")
        .contains("start one, or try again later");
    assertThat(proxy.get("/health").statusCode()).isEqualTo(503);
  }

  @Test
  void saysWhatWasTriedWhenAllFail() throws Exception {
    for (FakeReplica replica : List.of(bad, good)) {
      replica.answers((_, _) -> {
        throw new IOException("hangs up");
      });
    }
    HttpResponse<String> answer = proxy.post(CHAT, BODY.formatted(true));

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(TestWorker.error(answer).get("message").stringValue())
        .contains("2 of the replicas were tried")
        .contains(URI.create(bad.url().toString()).getAuthority());
  }

  @Test
  void aWorkerThatDiesIsSeenAndItsStreamEnds() throws Exception {
    TestWorker worker = TestWorker.start();
    worker.lm.endless();
    worker.lm.hold();
    try (TestProxy single = TestProxy.start(Policy.PREFIX, worker.worker.url())) {
      worker.lm.steps.release(3);
      var answer =
          single.lines(
              CHAT,
              """
              {"stream":true,"max_tokens":2000,"messages":[{"role":"user","content":"Hi"}]}\
              """);
      var lines = answer.body().iterator();
      assertThat(lines.next()).startsWith("data: {");
      worker.worker.close();
      String last = "";
      boolean error = false;
      while (lines.hasNext()) {
        String line = lines.next();
        error |= line.startsWith("data: {\"error\"");
        last = line.isEmpty() ? last : line;
      }
      assertThat(error).isTrue();
      assertThat(last).isEqualTo("data: [DONE]");
      TestProxy.await(() -> !single.pool.replicas().getFirst().health().ready());
    } finally {
      worker.close();
    }
  }
}
