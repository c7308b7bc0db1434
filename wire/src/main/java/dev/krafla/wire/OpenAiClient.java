package dev.krafla.wire;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client of any OpenAI-compatible server. Thread-safe; calls block, so give each its own virtual
 * thread. All calls throw {@link RemoteError} when the server refuses, {@link RemoteUnavailable}
 * when it cannot be reached or leaves, and {@link InvalidBody} when what it sends is not the wire.
 */
public final class OpenAiClient implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final int OK = 200;

  private final HttpClient http;
  private final String base;
  private final Optional<String> apiKey;

  /**
   * @param baseUrl the server with or without its {@code /v1}, as {@code http://127.0.0.1:8080}
   * @param apiKey sent as a bearer token
   */
  public OpenAiClient(URI baseUrl, Optional<String> apiKey) {
    String url = baseUrl.toString().replaceAll("/+$", "");
    this.base = url.endsWith("/v1") ? url : url + "/v1";
    this.apiKey = apiKey;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
  }

  /** Ids of the models that the server has. */
  public List<String> models() {
    HttpRequest request = request("/models").GET().build();
    return Fields.of(whole(request)).objects("data").stream()
        .map(m -> m.requireString("id"))
        .toList();
  }

  /** The whole answer. */
  public ChatCompletion chat(ChatRequest chat) {
    return ChatCompletion.parse(whole(post("/chat/completions", chat.toJson())));
  }

  /** The answer as it grows, with its usage in the last chunk. */
  public ChatStream stream(ChatRequest chat) {
    return new ChatStream(streamJson("/chat/completions", chat.streaming().toJson()));
  }

  /** The answer to any other streaming request of the wire, as it grows. */
  public JsonStream streamJson(String path, ObjectNode body) {
    HttpResponse<InputStream> response = send(post(path, body));
    // Closing the body's stream cancels the exchange and drops the connection.
    return new JsonStream(new SseReader(response.body()), response.body());
  }

  /** What the server shows at {@code /metrics}, which lies beside its {@code /v1}. */
  public String metrics() {
    String root = base.substring(0, base.length() - "/v1".length());
    HttpRequest request = HttpRequest.newBuilder(URI.create(root + "/metrics")).build();
    try (InputStream body = send(request).body()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new RemoteUnavailable(request.uri() + " broke off: " + e.getMessage(), e);
    }
  }

  /** The answer to any other request of the wire, as {@code post("/embeddings", …)}. */
  public ObjectNode postJson(String path, ObjectNode body) {
    return whole(post(path, body));
  }

  private ObjectNode whole(HttpRequest request) {
    HttpResponse<InputStream> response = send(request);
    try (InputStream body = response.body()) {
      return Json.parseObject(body.readAllBytes());
    } catch (IOException e) {
      throw new RemoteUnavailable(request.uri() + " broke off: " + e.getMessage(), e);
    }
  }

  private HttpResponse<InputStream> send(HttpRequest request) {
    try {
      HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
      if (response.statusCode() != OK) {
        throw error(response);
      }
      return response;
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new RemoteUnavailable(
          "cannot reach %s: %s; is the server running?".formatted(request.uri(), reason), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RemoteUnavailable("interrupted while waiting for " + request.uri(), e);
    }
  }

  private static RemoteError error(HttpResponse<InputStream> response) throws IOException {
    try (InputStream in = response.body()) {
      byte[] body = in.readAllBytes();
      return new RemoteError(
          response.statusCode(), errorBody(response.statusCode(), body), retryAfter(response));
    }
  }

  private static ErrorBody errorBody(int status, byte[] body) {
    try {
      return ErrorBody.parse(Json.parseObject(body));
    } catch (InvalidBody e) { // a proxy's page, say
      return new ErrorBody("HTTP status " + status, "", Optional.empty(), Optional.empty());
    }
  }

  private static Optional<Duration> retryAfter(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(
            v -> v.matches("\\d{1,9}")) // the form with a date is rare and needs clocks to agree
        .map(v -> Duration.ofSeconds(Long.parseLong(v)));
  }

  private HttpRequest post(String path, ObjectNode body) {
    return request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.writeBytes(body)))
        .build();
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(base + path));
    apiKey.ifPresent(key -> builder.header("Authorization", "Bearer " + key));
    return builder;
  }

  /** Breaks off what is still running. */
  @Override
  public void close() {
    http.shutdownNow();
  }
}
