package dev.krafla.platform;

import static dev.krafla.testing.RedisServer.freePort;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.wire.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * A router, prefill and decode workers as real processes, killed with SIGKILL at random and started
 * again, while what they have on disk is damaged at random. Every answer is compared with that of a
 * worker that nobody disturbs: whole ones are equal, broken ones begin alike, and what failed says
 * so. The workers assert their invariants after each step.
 */
class FaultsTest {
  /** Environment variable: another number of requests for the long test. */
  private static final String REQUESTS = "KRAFLA_FAULTS";

  private static final int PROMPTS = 150;
  private static final int CLIENTS = 8;
  private static final Duration HUNG = Duration.ofMinutes(2);
  private static final String TEXT = "text_completion";

  @TempDir private Path folder;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final Map<String, AtomicInteger> outcomes = new ConcurrentSkipListMap<>();
  private final Map<String, Long> seen = new TreeMap<>();
  private Optional<String> kernels = Optional.empty();

  @Test
  void whateverIsKilledOrDamagedNoAnswerIsWrongAndNoBlockIsLost() throws Exception {
    run(120, 1, 2);
  }

  @Test
  @Tag("full")
  void tenThousandRequestsHaveNoWrongToken() throws Exception {
    int requests = Integer.parseInt(System.getenv().getOrDefault(REQUESTS, "10000"));
    kernels = Optional.of("scalar"); // so slow that it pays to read the disk
    run(requests, 2, requests / 150);
  }

  private void count(String outcome) {
    outcomes.computeIfAbsent(outcome, _ -> new AtomicInteger()).incrementAndGet();
  }

  private long counted(String outcome) {
    AtomicInteger n = outcomes.get(outcome);
    return n == null ? 0 : n.get();
  }

  /**
   * @param pairs of a prefill and a decode worker
   * @param kills at least so many
   */
  private void run(int requests, int pairs, int kills) throws Exception {
    String model = TinyModel.write(folder, "tiny").toString();
    List<String> expected = expected(model);
    List<KraflaProcess> workers = new ArrayList<>();
    var killed = new AtomicInteger();
    try {
      for (int i = 0; i < pairs; i++) {
        workers.add(worker(model, "prefill", i));
        workers.add(worker(model, "decode", i));
      }
      for (KraflaProcess worker : workers) {
        worker.awaitReady();
      }
      try (KraflaProcess router = router(workers)) {
        router.awaitReady();
        List<KraflaProcess> all = new ArrayList<>(workers);
        all.add(router);
        var over = new AtomicBoolean();
        Thread chaos =
            Thread.ofPlatform().start(() -> disturb(all, requests / kills, over, killed));
        ask(router, expected, requests);
        over.set(true);
        chaos.join();
        for (KraflaProcess process : all) {
          process.awaitReady();
        }
        while (!send(router, body(0)).outcome.equals("whole")) {
          TimeUnit.MILLISECONDS.sleep(50); // it has not found its workers yet
        }
        ask(router, expected, 50); // all is well again
        workers.forEach(this::note);
        awaitFreeBlocks(workers);
        report(requests, killed.get());
        assertThat(router.log()).doesNotContain("Exception in thread");
      }
    } finally {
      workers.forEach(KraflaProcess::close);
    }
    assertThat(counted("WRONG")).as("%s", outcomes).isZero();
    assertThat(counted("HUNG")).as("%s", outcomes).isZero();
    assertThat(counted("SILENT")).as("%s", outcomes).isZero();
    assertThat(outcomes.values().stream().mapToInt(AtomicInteger::get).sum())
        .isEqualTo(requests + 50);
    assertThat(counted("right")).as("%s", outcomes).isGreaterThan(requests / 3);
    assertThat(killed).hasValueGreaterThanOrEqualTo(kills / 2);
    assertThat(seen.get("krafla_kv_pulled_total")).isPositive();
    for (KraflaProcess worker : workers) {
      assertThat(worker.log()).doesNotContain("AssertionError", "Exception in thread");
    }
  }

  private KraflaProcess worker(String model, String role, int i) {
    int port = freePort();
    String name = role + i;
    return new KraflaProcess(
        name,
        folder,
        port,
        http,
        kernels,
        List.of(
            "serve",
            model,
            "--port=" + port,
            "--role=" + role,
            "--lease-seconds=3",
            "--threads=1",
            "--kv-memory=400000",
            "--kv-disk=300000",
            "--kv-disk-dir=" + folder.resolve("kv-" + name)));
  }

  private KraflaProcess router(List<KraflaProcess> workers) throws IOException {
    var text = new StringBuilder("replicas:\n");
    for (KraflaProcess worker : workers) {
      text.append(
          "  - {url: 'http://127.0.0.1:%d', role: %s}%n"
              .formatted(worker.port, worker.name.replaceAll("[0-9]", "")));
    }
    Path file = Files.writeString(folder.resolve("fleet.yaml"), text);
    int port = freePort();
    return new KraflaProcess(
        "router",
        folder,
        port,
        http,
        kernels,
        List.of("route", "--replicas=" + file, "--port=" + port, "--min-remote-tokens=8"));
  }

  // ---- what is asked ----

  private static ObjectNode body(int prompt) {
    var random = new SplittableRandom(prompt);
    // Some share their beginnings.
    var beginning = new SplittableRandom(prompt % 10);
    int length = 20 + random.nextInt(150);
    int shared = random.nextInt(length);
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + (i < shared ? beginning : random).nextInt(26)));
    }
    return Json.object()
        .put("model", "tiny")
        .put("prompt", text.toString())
        .put("max_tokens", 1 + random.nextInt(40))
        .put("temperature", prompt % 2)
        .put("seed", prompt)
        .put("ignore_eos", true);
  }

  private List<String> expected(String model) throws Exception {
    int port = freePort();
    List<String> texts = new ArrayList<>();
    try (var alone =
        new KraflaProcess(
            "alone",
            folder,
            port,
            http,
            kernels,
            List.of("serve", model, "--port=" + port, "--kv-disk=0", "--threads=1"))) {
      alone.awaitReady();
      for (int prompt = 0; prompt < PROMPTS; prompt++) {
        Answer answer = send(alone, body(prompt));
        assertThat(answer.outcome).isEqualTo("whole");
        texts.add(answer.text);
      }
    }
    return texts;
  }

  private void ask(KraflaProcess router, List<String> expected, int requests) throws Exception {
    var next = new AtomicInteger();
    List<Future<?>> clients = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int c = 0; c < CLIENTS; c++) {
        clients.add(
            threads.submit(() -> {
              for (int i = next.getAndIncrement(); i < requests; i = next.getAndIncrement()) {
                askOne(router, expected, new SplittableRandom(i), threads);
              }
              return null;
            }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
  }

  private void askOne(
      KraflaProcess router, List<String> expected, SplittableRandom random, ExecutorService threads)
      throws Exception {
    int prompt = random.nextInt(PROMPTS);
    ObjectNode body = body(prompt).put("stream", random.nextBoolean());
    Future<Answer> asked = threads.submit(() -> send(router, body));
    Answer answer;
    try {
      answer = asked.get(HUNG.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      asked.cancel(true);
      count("HUNG");
      return;
    }
    String right = expected.get(prompt);
    boolean whole = answer.outcome.equals("whole");
    if (whole ? !answer.text.equals(right) : !right.startsWith(answer.text)) {
      count("WRONG");
      System.err.printf("prompt %d: '%s' is not '%s'%n", prompt, answer.text, right);
      return;
    }
    count(whole ? "right" : answer.outcome);
    if (answer.outcome.startsWith("connection")) {
      for (int i = 0; i < 200 && !router.isReady(); i++) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
    } else if (!whole) {
      TimeUnit.MILLISECONDS.sleep(200); // as its error says
    }
  }

  private record Answer(String outcome, String text) {}

  private Answer send(KraflaProcess to, ObjectNode body) throws InterruptedException {
    var text = new StringBuilder();
    try {
      HttpResponse<InputStream> response =
          http.send(
              HttpRequest.newBuilder(to.uri("/v1/completions"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(Json.writeBytes(body)))
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (var lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.equals("data: [DONE]")) {
            return new Answer("whole", text.toString());
          }
          if (!line.isBlank()) {
            ObjectNode json = Json.parseObject(line.replaceFirst("^data: ", ""));
            if (json.has("error")) {
              String code = json.get("error").get("code").asString();
              return new Answer("error " + response.statusCode() + " " + code, text.toString());
            }
            json.get("choices").forEach(c -> text.append(c.get("text").stringValue()));
            if (!body.path("stream").asBoolean() && json.path("object").asString().equals(TEXT)) {
              return new Answer("whole", text.toString());
            }
          }
        }
        return new Answer("SILENT", text.toString());
      }
    } catch (IOException e) {
      return new Answer("connection broken", text.toString());
    }
  }

  // ---- what goes wrong ----

  private void disturb(
      List<KraflaProcess> all, int requestsPerKill, AtomicBoolean over, AtomicInteger killed) {
    var random = new SplittableRandom(11);
    try {
      long last = 0;
      while (!over.get()) {
        TimeUnit.MILLISECONDS.sleep(20 + random.nextInt(100));
        damage(random);
        long answered = outcomes.values().stream().mapToInt(AtomicInteger::get).sum();
        if (answered < last + requestsPerKill / 2 + random.nextInt(requestsPerKill)) {
          continue;
        }
        last = answered;
        KraflaProcess victim = all.get(random.nextInt(all.size()));
        if (victim.isReady()) {
          note(victim);
          victim.kill();
          killed.incrementAndGet();
          TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
          victim.startAgain();
        }
      }
    } catch (InterruptedException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Its counters go with it. */
  private void note(KraflaProcess process) {
    for (String metric :
        List.of(
            "krafla_kv_pulled_total",
            "krafla_kv_lent_total",
            "krafla_kv_pull_failures_total",
            "krafla_kv_tier_hits_total",
            "krafla_kv_tier_damaged_total")) {
      seen.merge(metric, process.metric(metric), Long::sum);
    }
  }

  private void damage(SplittableRandom random) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(f -> f.toString().endsWith(".kv")).sorted().toList();
    } catch (UncheckedIOException e) {
      return; // a folder changed meanwhile
    }
    if (files.isEmpty()) {
      return;
    }
    Path file = files.get(random.nextInt(files.size()));
    try {
      byte[] bytes = Files.readAllBytes(file);
      switch (random.nextInt(3)) {
        case 0 -> Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
        case 1 -> Files.delete(file);
        default -> {
          if (bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
          }
        }
      }
      seen.merge("files damaged", 1L, Long::sum);
    } catch (NoSuchFileException e) {
      seen.merge("files gone", 1L, Long::sum);
    }
  }

  private static void awaitFreeBlocks(List<KraflaProcess> workers) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    for (KraflaProcess worker : workers) {
      while (worker.metric("krafla_kv_blocks_used") > 0
          || worker.metric("krafla_kv_leases_open") > 0) {
        assertThat(System.nanoTime()).as("blocks of %s are in use", worker.name).isLessThan(end);
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  private void report(int requests, int killed) {
    System.out.printf(
        "faults: %d requests, %d kills; %s; %s%n", requests + 50, killed, outcomes, seen);
  }
}
