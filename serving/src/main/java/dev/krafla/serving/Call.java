package dev.krafla.serving;

import dev.krafla.serving.http.Requests;
import dev.krafla.serving.http.WatchedConnection;
import dev.krafla.wire.Json;
import dev.krafla.wire.Sse;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One HTTP request under way: its body, its answer, and whether the client is still there. */
final class Call {
  private final ServerRequest request;
  private final ServerResponse response;
  private final WatchedConnection connection;
  private final String id;
  private final int maxBodyBytes;
  private @Nullable EventStream events;
  private @Nullable ObjectNode body;
  private @Nullable LiveModel answering;

  Call(
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

  /** The request's id: the client's {@code X-Request-Id}, else one of ours. */
  String id() {
    return id;
  }

  /** The first value of header {@code name}. */
  Optional<String> header(String name) {
    return request.headers().first(HeaderNames.create(name));
  }

  /** See {@link WatchedConnection}. */
  WatchedConnection connection() {
    return connection;
  }

  /** The body as a JSON object. */
  ObjectNode body() {
    if (body == null) {
      body = Json.parseObject(Requests.body(request, maxBodyBytes));
    }
    return body;
  }

  /** Notes which model answers. */
  void answeredBy(LiveModel model) {
    answering = model;
  }

  /** The model that answers, once one does. */
  Optional<LiveModel> answering() {
    return Optional.ofNullable(answering);
  }

  /** The model that the body names; empty where it names none, or wrongly. */
  String model() {
    JsonNode model = body().get("model");
    return model != null && model.isString() ? model.stringValue() : "";
  }

  /** Sends the whole answer. */
  void json(ObjectNode body) {
    json(Status.OK_200, body);
  }

  void json(Status status, ObjectNode body) {
    response.status(status);
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(Json.writeBytes(body));
  }

  void text(String contentType, String body) {
    response.header(HeaderNames.CONTENT_TYPE, contentType);
    response.send(body.getBytes(StandardCharsets.UTF_8));
  }

  /** Begins an answer in events. Its headers go out with the first of them. */
  EventStream events() {
    response.header(HeaderNames.CONTENT_TYPE, Sse.CONTENT_TYPE);
    response.header(HeaderNames.CACHE_CONTROL, "no-cache");
    response.header("X-Accel-Buffering", "no"); // nginx would hold the events back
    EventStream stream = new EventStream(response);
    events = stream;
    return stream;
  }

  /** Answers with an error: by its HTTP status, or inside the stream where that has begun. */
  void fail(ErrorResponse error) {
    if (events != null && events.begun()) {
      events.add(error.body().toJson());
      events.done();
      return;
    }
    response.headers().remove(HeaderNames.CACHE_CONTROL);
    error
        .retryAfter()
        .ifPresent(wait -> response.header(HeaderNames.RETRY_AFTER, Requests.retryAfter(wait)));
    if (error.closesConnection()) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    json(Status.create(error.status()), error.body().toJson());
  }
}
