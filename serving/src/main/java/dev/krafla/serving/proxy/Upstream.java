package dev.krafla.serving.proxy;

import dev.krafla.serving.replica.Replica;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The router's side of its connections to replicas. One thread looks after those on which nothing
 * comes. Thread-safe.
 */
final class Upstream implements AutoCloseable {
  private final HttpClient http;
  private final Duration longestSilence;
  private final Set<UpstreamCall> open = ConcurrentHashMap.newKeySet();
  private final Thread watch;

  /**
   * @param http not closed here
   * @param longestSilence after which a replica has failed
   */
  Upstream(HttpClient http, Duration longestSilence) {
    this.http = http;
    this.longestSilence = longestSilence;
    this.watch = Thread.ofVirtual().name("silent replicas").start(this::watch);
  }

  /** Sends a request; its answer is waited for with the call that this gives. */
  UpstreamCall post(
      Replica replica,
      String path,
      Map<String, List<String>> headers,
      String requestId,
      byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(replica.spec().at(path)).POST(BodyPublishers.ofByteArray(body));
    headers.forEach((name, values) -> values.forEach(value -> request.header(name, value)));
    replica.key().ifPresent(key -> request.setHeader("Authorization", "Bearer " + key));
    request.setHeader("X-Request-Id", requestId);
    request.setHeader("Via", "1.1 krafla");
    var call =
        new UpstreamCall(
            http.sendAsync(request.build(), BodyHandlers.ofInputStream()), open::remove);
    open.add(call);
    return call;
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(
            Duration.ofSeconds(1).compareTo(longestSilence) < 0
                ? Duration.ofSeconds(1)
                : longestSilence);
        long now = System.nanoTime();
        for (UpstreamCall call : open) {
          if (now - call.lastHeard() > longestSilence.toNanos()) {
            call.giveUp("nothing came for " + longestSilence.toSeconds() + " s");
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** Breaks off what is still running. */
  @Override
  public void close() {
    watch.interrupt();
    open.forEach(call -> call.giveUp("the router is closed"));
  }
}
