package dev.krafla.gateway.server;

import dev.krafla.serving.http.RefusedCall;
import dev.krafla.serving.http.Requests;
import dev.krafla.serving.http.WatchedConnection;
import dev.krafla.wire.Json;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client's request under way. Methods that write throw {@link UncheckedIOException} or Helidon's
 * own when the client is gone. Not thread-safe.
 */
final class GatewayCall {
  static final HeaderName SESSION = HeaderNames.create("X-Krafla-Session");
  private static final HeaderName TARGET = HeaderNames.create("X-Krafla-Target");
  private static final HeaderName OMITTED = HeaderNames.create("X-Krafla-Omitted");
  private static final HeaderName X_API_KEY = HeaderNames.create("x-api-key");
  private static final HeaderName API_KEY = HeaderNames.create("api-key");
  private static final String BEARER = "bearer ";

  private final ServerRequest request;
  private final ServerResponse response;
  private final WatchedConnection connection;
  private final String id;
  private @Nullable OutputStream out;
  private int status;

  GatewayCall(
      ServerRequest request, ServerResponse response, WatchedConnection connection, String id) {
    this.request = request;
    this.response = response;
    this.connection = connection;
    this.id = id;
  }

  String id() {
    return id;
  }

  WatchedConnection connection() {
    return connection;
  }

  /** The answer's status; 0 while there is none. */
  int status() {
    return status;
  }

  /** The client's address. */
  InetAddress from() {
    return request.remotePeer().address() instanceof InetSocketAddress socket
        ? socket.getAddress()
        : InetAddress.getLoopbackAddress();
  }

  /** The key as OpenAI's, Anthropic's and Azure's clients send it. */
  Optional<String> key() {
    Optional<String> authorization = header(HeaderNames.AUTHORIZATION);
    if (authorization.isPresent()) {
      String value = authorization.get();
      boolean bearer = value.regionMatches(true, 0, BEARER, 0, BEARER.length());
      return bearer ? Optional.of(value.substring(BEARER.length()).strip()) : Optional.empty();
    }
    return header(X_API_KEY).or(() -> header(API_KEY));
  }

  Optional<String> header(HeaderName name) {
    return request.headers().first(name);
  }

  /** Bytes of the body as its head says; empty where it comes in chunks. */
  Optional<Long> announcedBytes() {
    var length = request.headers().contentLength();
    return length.isPresent() ? Optional.of(length.getAsLong()) : Optional.empty();
  }

  /** The whole body. */
  byte[] body(int most) {
    return Requests.body(request, most);
  }

  /** Status and media type of the answer, and who gives it. */
  void answerAs(int newStatus, String contentType, String target) {
    status = newStatus;
    response.status(Status.create(newStatus));
    response.header(HeaderNames.CONTENT_TYPE, contentType);
    response.header(TARGET, target);
  }

  /** Says which fields of the request stayed behind. */
  void omitted(List<String> fields) {
    if (!fields.isEmpty()) {
      response.header(OMITTED, String.join(", ", fields));
    }
  }

  void retryAfter(String value) {
    response.header(HeaderNames.RETRY_AFTER, value);
  }

  /** Sends the whole body, after {@link #answerAs}. */
  void send(byte[] body) {
    response.send(body);
  }

  /** Whether something of an answer's body is out. */
  boolean begun() {
    return out != null;
  }

  /** Sends a piece of the body, at once; after {@link #answerAs}. */
  void write(byte[] bytes, int from, int length) {
    try {
      OutputStream stream = out;
      if (stream == null) {
        response.header(HeaderValues.CACHE_NO_CACHE);
        stream = response.outputStream();
        out = stream;
      }
      stream.write(bytes, from, length);
      stream.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends a body that was written in pieces. */
  void end() {
    try {
      if (out == null) {
        response.send();
      } else {
        out.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a whole answer of the gateway's own. */
  void json(int newStatus, ObjectNode body) {
    status = newStatus;
    response.status(Status.create(newStatus));
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(Json.writeBytes(body));
  }

  void text(String contentType, String body) {
    status = Status.OK_200.code();
    response.header(HeaderNames.CONTENT_TYPE, contentType);
    response.send(body.getBytes(StandardCharsets.UTF_8));
  }

  /** Answers with an error; nothing has been sent so far. */
  void fail(RefusedCall why, ObjectNode body) {
    why.retryAfter().ifPresent(wait -> retryAfter(Requests.retryAfter(wait)));
    if (why.closesConnection()) {
      response.header(HeaderValues.CONNECTION_CLOSE);
      connection.closeAfterAnswer();
    }
    json(why.status(), body);
  }
}
