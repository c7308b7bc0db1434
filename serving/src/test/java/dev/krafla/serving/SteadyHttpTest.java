package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.EngineStats;
import dev.krafla.testing.MemoryTrend;
import dev.krafla.wire.Json;
import dev.krafla.wire.OpenAiClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/**
 * The real model behind HTTP under 64 clients at a time, of whom a quarter leave in the middle of
 * their answer. Takes minutes, so that only {@code ./krafla test --full} runs it; {@code
 * KRAFLA_STEADY} sets another number of requests than 10,000.
 */
@Tag("full")
class SteadyHttpTest {
  private static final int CLIENTS = 64;
  private static final int PARTS = 10;
  private static final int WARM_PARTS = 3;

  /** Room for some 40 of the 64: requests wait for room, and cached prefixes are evicted. */
  private static final long KV_BYTES = 96L << 20;

  private static final List<String> SUBJECTS =
      List.of("rain", "bread", "Java", "the moon", "volcanoes", "a 北京 teahouse", "cats 🐈");

  private final AtomicInteger left = new AtomicInteger();

  @Test
  void manyClientsAreServedWithoutErrorLeakOrGrowingMemory()
      throws InterruptedException, ExecutionException {
    int requests = Integer.parseInt(System.getenv().getOrDefault("KRAFLA_STEADY", "10000"));
    try (PulledModel model = PulledModel.start(KV_BYTES)) {
      var memory = new MemoryTrend();
      for (int part = 0; part < PARTS; part++) {
        run(model, requests * part / PARTS, requests * (part + 1) / PARTS);
        memory.sample();
      }
      assertThat(model.worker.drain(Duration.ofMinutes(1))).isTrue();
      EngineStats stats = model.engine.stats();
      System.out.printf("steady over HTTP, %d left: %s%n", left.get(), stats);
      System.out.printf("KiB held: %s%n", memory);
      assertThat(stats.failed()).isZero();
      assertThat(stats.rejected()).isZero();
      assertThat(stats.usedBlocks()).isZero();
      assertThat(model.worker.openConnections()).isZero();
      // Who leaves may be faster than his request, or slower than its answer.
      assertThat(stats.finished()).isBetween((long) requests - left.get(), (long) requests);
      assertThat(stats.aborted()).isBetween(1L, (long) left.get());
      assertThat(memory.growthKib(WARM_PARTS)).isLessThan(32 << 10);
    }
  }

  private void run(PulledModel model, int from, int to)
      throws InterruptedException, ExecutionException {
    var next = new AtomicInteger(from);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var client = new OpenAiClient(model.worker.url(), Optional.empty())) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        done.add(
            threads.submit(() -> {
              for (int k = next.getAndIncrement(); k < to; k = next.getAndIncrement()) {
                one(model, client, new SplittableRandom(k));
              }
              return null;
            }));
      }
      for (Future<?> reader : done) {
        reader.get(); // throws what a client met
      }
    }
  }

  private void one(PulledModel model, OpenAiClient client, SplittableRandom random)
      throws IOException {
    ObjectNode body = body(random);
    if (random.nextInt(4) == 0) {
      left.incrementAndGet();
      leave(model, body.put("stream", random.nextBoolean()), random.nextInt(20));
    } else if (random.nextBoolean()) {
      assertThat(client.postJson("/chat/completions", body).get("choices").isEmpty()).isFalse();
    } else {
      stream(model, body.put("stream", true));
    }
  }

  private static ObjectNode body(SplittableRandom random) {
    ObjectNode body = Json.object();
    body.put("max_tokens", 1 + random.nextInt(48)).put("temperature", random.nextInt(2));
    body.put("n", random.nextInt(12) == 0 ? 3 : 1);
    if (random.nextInt(3) == 0) {
      body.putArray("stop").add(".").add("\n\n");
    }
    if (random.nextInt(20) == 0) {
      body.putObject("response_format").put("type", "json_object");
    }
    var messages = body.putArray("messages");
    messages
        .addObject()
        .put("role", "system")
        .put("content", "You are a poet. ".repeat(1 + random.nextInt(12)) + unlike(random));
    messages
        .addObject()
        .put("role", "user")
        .put("content", "Write about " + SUBJECTS.get(random.nextInt(SUBJECTS.size())) + ".");
    return body;
  }

  /** Nothing, or what no other request has: half of the prompts are found in the cache. */
  private static String unlike(SplittableRandom random) {
    return random.nextBoolean() ? "" : "This is poem " + random.nextLong() + ".";
  }

  private static Socket send(PulledModel model, ObjectNode body) throws IOException {
    byte[] json = Json.writeBytes(body);
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n".formatted(json.length);
    var socket = new Socket(InetAddress.getLoopbackAddress(), model.worker.url().getPort());
    socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().write(json);
    socket.getOutputStream().flush();
    return socket;
  }

  private static BufferedReader lines(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Sends, reads some lines of the answer if there are so many, and hangs up. */
  private static void leave(PulledModel model, ObjectNode body, int after) throws IOException {
    try (Socket socket = send(model, body);
        BufferedReader lines = lines(socket)) {
      boolean open = true;
      for (int i = 0; i < after && open && body.get("stream").booleanValue(); i++) {
        open = lines.readLine() != null;
      }
    }
  }

  /** Reads events to their end, which must be a proper one. */
  private static void stream(PulledModel model, ObjectNode body) throws IOException {
    try (Socket socket = send(model, body);
        BufferedReader lines = lines(socket)) {
      String last = "";
      assertThat(lines.readLine()).startsWith("HTTP/1.1 200");
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        assertThat(line).doesNotContain("\"error\":");
        last = line.startsWith("data:") ? line : last;
      }
      assertThat(last).isEqualTo("data: [DONE]");
    }
  }
}
