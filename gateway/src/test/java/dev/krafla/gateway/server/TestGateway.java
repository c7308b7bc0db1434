package dev.krafla.gateway.server;

import dev.krafla.gateway.config.GatewayConfig;
import dev.krafla.gateway.config.KraflaYaml;
import dev.krafla.gateway.route.RouteTable;
import dev.krafla.gateway.route.Routing;
import dev.krafla.gateway.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A gateway on a free port of this machine, with a client. */
final class TestGateway implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final FakeGatekeeper gatekeeper = new FakeGatekeeper();
  final Upstream upstream = Upstream.create();
  final GatewayServer server;
  private final HttpClient http = HttpClient.newHttpClient();

  private TestGateway(GatewaySettings settings, String yaml) {
    GatewayConfig config =
        KraflaYaml.read("test.yaml", yaml, name -> Optional.of("secret-of-" + name));
    var routing =
        new Routing(
            new RouteTable(config.routes(), Optional.empty(), System::nanoTime), config.pricing());
    server = GatewayServer.start(settings.at("127.0.0.1", 0), () -> routing, gatekeeper, upstream);
  }

  static TestGateway of(String yaml) {
    return new TestGateway(GatewaySettings.DEFAULTS, yaml);
  }

  static TestGateway of(GatewaySettings settings, String yaml) {
    return new TestGateway(settings, yaml);
  }

  /** In front of one provider with everything at its default. */
  static TestGateway before(FakeProvider provider) {
    return of(
        """
        providers:
          p: {kind: openai, url: 'http://127.0.0.1:%d/v1', key: env:P}
        models:
          small: p/big
        """
            .formatted(provider.port()));
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    return send(request(path, headers).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  HttpResponse<String> get(String path) {
    return send(request(path).build());
  }

  HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + FakeGatekeeper.KEY);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request;
  }

  URI uri(String path) {
    return server.url().resolve(path);
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  HttpClient http() {
    return http;
  }

  /** A bare connection on which {@code request} was sent. */
  Socket raw(String request) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), server.url().getPort());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
    return socket;
  }

  /** A chat request as it goes over the wire. */
  static String chat(String body) {
    return "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
        + FakeGatekeeper.KEY
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  double metric(String sample) {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(sample + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

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
    server.close();
    upstream.close();
    http.shutdownNow();
  }
}
