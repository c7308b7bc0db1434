package dev.krafla.serving;

import dev.krafla.serving.proxy.Proxy;
import dev.krafla.serving.proxy.ProxyConfig;
import dev.krafla.serving.replica.EngineAdapter;
import dev.krafla.serving.replica.ReplicaPool;
import dev.krafla.serving.replica.ReplicaSpec;
import dev.krafla.serving.route.Policy;
import dev.krafla.serving.route.Router;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A router over replicas, on a free port of this machine, that looks at them often. */
final class TestProxy implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final ReplicaPool.Settings OFTEN =
      new ReplicaPool.Settings(Duration.ofMillis(20), 16);

  private final HttpClient http = Proxy.httpClient();
  final ReplicaPool pool;
  final Proxy proxy;

  private TestProxy(Policy policy, ProxyConfig config, List<ReplicaSpec> specs) {
    pool =
        new ReplicaPool(
            new Router(policy.picker(1), 16, System::nanoTime),
            OFTEN,
            name -> name.equals("REPLICA_KEY") ? Optional.of("replica-secret") : Optional.empty(),
            http);
    pool.replace(specs);
    proxy = Proxy.start(config.at("127.0.0.1", 0), pool, http);
  }

  static TestProxy start(Policy policy, ProxyConfig config, ReplicaSpec... specs) {
    return new TestProxy(policy, config, List.of(specs));
  }

  static TestProxy start(Policy policy, URI... replicas) {
    return start(policy, ProxyConfig.DEFAULTS, specs(replicas));
  }

  /** In front of our own workers, or of what looks like one. */
  static ReplicaSpec[] specs(URI... replicas) {
    return Arrays.stream(replicas).map(TestProxy::krafla).toArray(ReplicaSpec[]::new);
  }

  static ReplicaSpec krafla(URI url) {
    return ReplicaSpec.of(url, EngineAdapter.of("krafla"));
  }

  URI uri(String path) {
    return proxy.url().resolve(path);
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
  }

  HttpResponse<String> post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    return http.send(request(path, body, headers), BodyHandlers.ofString());
  }

  HttpResponse<Stream<String>> lines(String path, String body)
      throws IOException, InterruptedException {
    return http.send(request(path, body), BodyHandlers.ofLines());
  }

  private HttpRequest request(String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofString(body));
    request.header("Content-Type", "application/json");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request.build();
  }

  /** The value of a metric, with its labels as they are written. */
  double metric(String sample) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(sample + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Waits until {@code condition} holds; fails after a while. */
  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("it did not come to that");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    proxy.close();
    pool.close();
    http.shutdownNow();
  }
}
