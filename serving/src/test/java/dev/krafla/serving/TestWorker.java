package dev.krafla.serving;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.engine.EngineStats;
import dev.krafla.kernels.KvType;
import dev.krafla.models.ChatTemplate;
import dev.krafla.models.LoadedModel;
import dev.krafla.wire.Json;
import dev.krafla.wire.OpenAiClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/** A whole worker over a scripted model, on a free port of this machine. */
final class TestWorker implements AutoCloseable {
  static final String MODEL = "scripted";
  private static final EngineConfig SMALL =
      EngineConfig.DEFAULTS.withKvType(KvType.F32).withKvBytes(1 << 20);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final ScriptedLm lm;
  final Engine engine;
  final Worker worker;
  final OpenAiClient client;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private TestWorker(
      ScriptedLm lm, ChatTemplate template, EngineConfig engineConfig, WorkerConfig config) {
    this.lm = lm;
    var model = new LoadedModel(lm, lm.tokenizer, Optional.of(template));
    engine = Engine.start(model, engineConfig);
    worker =
        Worker.start(config.at("127.0.0.1", 0), engine, new ServedModel(MODEL, model, "scalar"));
    client = new OpenAiClient(worker.url(), config.apiKey());
  }

  static TestWorker start() {
    return start(new ScriptedLm(2048), SMALL, WorkerConfig.DEFAULTS);
  }

  static TestWorker start(ScriptedLm lm) {
    return start(lm, SMALL, WorkerConfig.DEFAULTS);
  }

  static TestWorker start(EngineConfig engine) {
    return start(new ScriptedLm(2048), engine, WorkerConfig.DEFAULTS);
  }

  static TestWorker start(WorkerConfig config) {
    return start(new ScriptedLm(2048), SMALL, config);
  }

  static TestWorker start(ScriptedLm lm, EngineConfig engine, WorkerConfig config) {
    return new TestWorker(lm, new PlainTemplate(), engine, config);
  }

  static TestWorker start(ScriptedLm lm, ChatTemplate template) {
    return new TestWorker(lm, template, SMALL, WorkerConfig.DEFAULTS);
  }

  static EngineConfig small() {
    return SMALL;
  }

  URI uri(String path) {
    return worker.url().resolve(path);
  }

  HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).build());
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return post(path, body.getBytes(StandardCharsets.UTF_8));
  }

  HttpResponse<String> post(String path, byte[] body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build());
  }

  /** The {@code error} object of an answer. */
  static ObjectNode error(HttpResponse<String> response) {
    return (ObjectNode) Json.parseObject(response.body()).get("error");
  }

  /** Waits until the engine's counters are as they should be; fails after a while. */
  void await(Predicate<EngineStats> condition) {
    await(() -> condition.test(engine.stats()));
  }

  /** Waits until {@code condition} holds; fails after a while. */
  void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("it did not come to that: " + engine.stats());
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    lm.steps.release(Integer.MAX_VALUE / 4);
    client.close();
    worker.close();
    engine.close();
    http.shutdownNow();
  }
}
