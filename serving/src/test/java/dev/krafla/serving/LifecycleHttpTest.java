package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LifecycleHttpTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String BODY =
      "{\"stream\":%s,\"max_tokens\":2000,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

  private final TestWorker worker = TestWorker.start();

  @AfterEach
  void stop() {
    worker.close();
  }

  private Socket ask(boolean stream) throws IOException {
    return ask(stream, "");
  }

  private Socket ask(boolean stream, String moreHeaders) throws IOException {
    var here =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), worker.worker.url().getPort());
    var socket = new Socket();
    socket.connect(here);
    byte[] body = BODY.formatted(stream).getBytes(StandardCharsets.UTF_8);
    String head =
        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n"
            .formatted(CHAT, body.length, moreHeaders);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().write(body);
    socket.getOutputStream().flush();
    return socket;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void freesTheBlocksOfAClientThatLeavesBeforeItsFirstToken(boolean stream) throws Exception {
    worker.lm.hold();
    Socket socket = ask(stream);
    worker.await(worker.lm::isHeld);

    socket.close();
    worker.await(() -> worker.worker.openConnections() == 0);
    worker.lm.steps.release(); // the step that was under way, and no other

    worker.await(s -> s.aborted() == 1 && s.usedBlocks() == 0 && s.running() == 0);
    assertThat(worker.engine.stats().steps()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void stopsGeneratingWhenAClientLeavesInTheMiddle(boolean stream) throws Exception {
    worker.lm.endless();
    worker.lm.hold();
    try (Socket socket = ask(stream)) {
      worker.lm.steps.release(5);
      worker.await(s -> s.generationTokens() >= 4);
      if (stream) {
        InputStream in = socket.getInputStream();
        assertThat(new String(in.readNBytes(12), StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 200");
      }
    }
    worker.await(() -> worker.worker.openConnections() == 0);
    worker.lm.steps.release(); // the step that was under way, and no other

    worker.await(s -> s.aborted() == 1 && s.usedBlocks() == 0);
    assertThat(worker.engine.stats().steps()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void hangsUpAfterItsAnswerWhereTheClientAsksForIt(boolean stream) throws Exception {
    try (Socket socket = ask(stream, "Connection: close\r\n")) {
      byte[] answer = socket.getInputStream().readAllBytes(); // to the end of the connection

      assertThat(new String(answer, StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 200")
          .containsIgnoringCase("connection: close")
          .contains(stream ? "[DONE]" : "Hello there.");
    }
    worker.await(() -> worker.worker.openConnections() == 0);
  }

  @Test
  void servesTheNextRequestOfAConnectionAfterAnAnswer() throws Exception {
    for (int i = 0; i < 50; i++) { // one connection, kept alive by the client
      HttpResponse<String> response =
          worker.post(CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
      assertThat(response.statusCode()).isEqualTo(200);
    }
    assertThat(worker.engine.stats().aborted()).isZero();
  }

  @Test
  void finishesWhatRunsAndTakesNothingNewWhileItDrains() throws Exception {
    worker.lm.hold();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<HttpResponse<String>> running =
          threads.submit(() -> worker.post(CHAT, BODY.formatted(false)));
      worker.await(worker.lm::isHeld);
      Future<Boolean> drained = threads.submit(() -> worker.worker.drain(Duration.ofSeconds(20)));
      awaitDraining();

      HttpResponse<String> late = worker.post(CHAT, BODY.formatted(false));

      assertThat(late.statusCode()).isEqualTo(503);
      assertThat(late.headers().firstValue("Retry-After")).isPresent();
      worker.lm.steps.release(1000);
      assertThat(running.get().statusCode()).isEqualTo(200);
      assertThat(running.get().body()).contains("Hello there.");
      assertThat(drained.get()).isTrue();
    }
  }

  private void awaitDraining() throws IOException, InterruptedException {
    while (worker.get("/health").statusCode() != 503) {
      Thread.onSpinWait();
    }
  }

  @Test
  void givesUpDrainingAtItsLimit() throws ExecutionException, InterruptedException {
    worker.lm.hold();
    var running =
        CompletableFuture.runAsync(() -> {
          try {
            worker.post(CHAT, BODY.formatted(false));
          } catch (IOException | InterruptedException e) {
            // the worker closes while this runs
          }
        });
    worker.await(worker.lm::isHeld);

    assertThat(worker.worker.drain(Duration.ofMillis(50))).isFalse();
    worker.lm.steps.release(1000);
    running.get();
  }
}
