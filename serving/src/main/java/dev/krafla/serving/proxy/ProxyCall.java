package dev.krafla.serving.proxy;

import dev.krafla.serving.http.RefusedCall;
import dev.krafla.serving.http.Requests;
import dev.krafla.serving.http.WatchedConnection;
import dev.krafla.wire.Json;
import dev.krafla.wire.Sse;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client's request under way. Methods that write throw {@link UncheckedIOException} or Helidon's
 * own when the client is gone. Not thread-safe.
 */
final class ProxyCall {
  private static final String REPLICA_HEADER = "X-Krafla-Replica";

  private final ServerRequest request;
  private final ServerResponse response;
  private final WatchedConnection connection;
  private final String id;
  private final int maxBodyBytes;
  private @Nullable OutputStream out;
  private int status;

  ProxyCall(
      ServerRequest request,
      ServerResponse response,
      WatchedConnection connection,
      String id,
      int maxBodyBytes) {
    this.request = request;
    this.response = response;
    this.connection = connection;
    this.id = id;
    this.maxBodyBytes = maxBodyBytes;
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

  /** The whole body. */
  byte[] body() {
    return Requests.body(request, maxBodyBytes);
  }

  /**
   * Headers that go on to a replica, by names in small letters.
   *
   * @param withKey whether the client's own key does
   */
  Map<String, List<String>> headersToPass(boolean withKey) {
    Set<String> named = HeaderRules.named(request.headers().values(HeaderNames.CONNECTION));
    Map<String, List<String>> passed = new LinkedHashMap<>();
    for (Header header : request.headers()) {
      String name = header.name().toLowerCase(Locale.ROOT);
      if (HeaderRules.passesOn(name, named) && (withKey || !name.equals("authorization"))) {
        passed.put(name, header.allValues());
      }
    }
    return passed;
  }

  /** Takes status and headers of a replica's answer for this one. */
  void answerAs(int replicaStatus, HttpHeaders headers, String replica) {
    status = replicaStatus;
    response.status(Status.create(replicaStatus));
    Set<String> named = HeaderRules.named(headers.allValues("Connection"));
    headers
        .map()
        .forEach((name, values) -> {
          if (HeaderRules.passesBack(name, named)) {
            response.header(name, values.toArray(String[]::new));
          }
        });
    response.header(REPLICA_HEADER, replica);
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
  void write(byte[] piece, int length) {
    try {
      OutputStream stream = out;
      if (stream == null) {
        stream = response.outputStream();
        out = stream;
      }
      stream.write(piece, 0, length);
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

  /** Ends a stream of events with one that says what went wrong. */
  void failEvents(RefusedCall why) {
    byte[] event = Sse.event(why.body().toJson());
    write(event, event.length);
    byte[] done = Sse.event(Sse.DONE);
    write(done, done.length);
    end();
  }

  /** Sends a whole answer of the router's own. */
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
  void fail(RefusedCall why) {
    why.retryAfter()
        .ifPresent(wait -> response.header(HeaderNames.RETRY_AFTER, Requests.retryAfter(wait)));
    if (why.closesConnection()) {
      response.header(HeaderValues.CONNECTION_CLOSE);
      connection.closeAfterAnswer();
    }
    json(why.status(), why.body().toJson());
  }
}
