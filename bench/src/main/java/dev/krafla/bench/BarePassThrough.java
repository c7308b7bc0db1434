package dev.krafla.bench;

import dev.krafla.gateway.upstream.Origin;
import dev.krafla.gateway.upstream.Patience;
import dev.krafla.gateway.upstream.Upstream;
import dev.krafla.gateway.upstream.UpstreamCall;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/**
 * The least that a gateway in Java can do: a Helidon server that copies bytes to an upstream and
 * back, with each of three clients. What {@code bench/gateway.sh} measures the gateway against.
 *
 * <pre>BarePassThrough PORT http://127.0.0.1:9401 own|helidon|jdk</pre>
 */
public final class BarePassThrough {
  private static final String PATH = "/v1/chat/completions";
  private static final int PIECE = 1 << 12;

  private BarePassThrough() {}

  /** Sends a body on and hands the answer to the client's response. */
  @FunctionalInterface
  private interface Way {
    void pass(byte[] body, ServerResponse response) throws IOException, InterruptedException;
  }

  /** Runs until it is killed. */
  public static void main(String[] args) {
    URI upstream = URI.create(args[1]);
    Way way =
        switch (args[2]) {
          case "own" -> own(upstream);
          case "helidon" -> helidon(upstream);
          case "jdk" -> jdk(upstream);
          default -> throw new IllegalArgumentException("own, helidon or jdk, not " + args[2]);
        };
    WebServer.builder()
        .host("127.0.0.1")
        .port(Integer.parseInt(args[0]))
        .connectionOptions(noDelay())
        .routing(routes ->
            routes.post(PATH, (req, res) -> way.pass(req.content().as(byte[].class), res)))
        .build()
        .start();
  }

  private static SocketOptions noDelay() {
    return SocketOptions.builder().tcpNoDelay(true).build();
  }

  private static Way own(URI upstream) {
    Upstream connections = Upstream.create();
    Origin origin = Origin.of(upstream);
    return (body, response) -> {
      try (UpstreamCall call = connections.call(origin, Patience.USUAL)) {
        String type =
            call.post(PATH, "Content-Type: application/json\r\n", body)
                .first("Content-Type")
                .orElse("");
        relay(call::read, type, response);
      }
    };
  }

  private static Way helidon(URI upstream) {
    WebClient client =
        WebClient.builder()
            .baseUri(upstream)
            .socketOptions(noDelay())
            .connectionCacheSize(1024)
            .shareConnectionCache(false)
            .build();
    return (body, response) -> {
      try (HttpClientResponse answer =
          client.post(PATH).header(HeaderNames.CONTENT_TYPE, "application/json").submit(body)) {
        InputStream in = answer.inputStream();
        relay(in::read, answer.headers().first(HeaderNames.CONTENT_TYPE).orElse(""), response);
      }
    };
  }

  private static Way jdk(URI upstream) {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return (body, response) -> {
      HttpRequest request =
          HttpRequest.newBuilder(upstream.resolve(PATH))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofByteArray(body))
              .build();
      HttpResponse<InputStream> answer =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = answer.body()) {
        relay(in::read, answer.headers().firstValue("Content-Type").orElse(""), response);
      }
    };
  }

  /** As {@link InputStream#read(byte[])}. */
  @FunctionalInterface
  private interface Body {
    int read(byte[] into) throws IOException;
  }

  private static void relay(Body body, String type, ServerResponse response) throws IOException {
    response.header(HeaderNames.CONTENT_TYPE, type);
    byte[] piece = new byte[PIECE];
    if (!type.startsWith("text/event-stream")) {
      var whole = new ByteArrayOutputStream();
      for (int n = body.read(piece); n >= 0; n = body.read(piece)) {
        whole.write(piece, 0, n);
      }
      response.send(whole.toByteArray());
      return;
    }
    try (OutputStream out = response.outputStream()) {
      for (int n = body.read(piece); n >= 0; n = body.read(piece)) {
        out.write(piece, 0, n);
        out.flush();
      }
    }
  }
}
