package dev.krafla.gateway.admin;

import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.access.ApiKey;
import dev.krafla.gateway.access.Organisation;
import dev.krafla.gateway.access.Role;
import dev.krafla.serving.http.Requests;
import dev.krafla.wire.Json;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A request to the admin API, and who makes it. */
final class AdminCall {
  private static final int MAX_BODY = 1 << 20;
  private static final int PAGE = 100;
  private static final int MAX_PAGE = 1_000;

  private final ServerRequest request;
  private final ServerResponse response;
  private final ApiKey key;

  AdminCall(ServerRequest request, ServerResponse response, ApiKey key) {
    this.request = request;
    this.response = response;
    this.key = key;
  }

  /** For the audit log. */
  String actor() {
    return "key '%s' (%d)".formatted(key.caller().keyName(), key.caller().keyId());
  }

  ApiKey key() {
    return key;
  }

  /** Turns away who has less than {@code needed}. */
  void require(Role needed) {
    if (!key.role().map(r -> r.covers(needed)).orElse(false)) {
      throw forbidden(
          "this needs the role '%s'; key '%s' has %s"
              .formatted(
                  needed.lowerCase(),
                  key.caller().keyName(),
                  key.role().map(r -> "'" + r.lowerCase() + "'").orElse("none")));
    }
  }

  /** Turns away who may not look into an organisation. */
  void requireOrganisation(long id) {
    if (id != key.caller().organisationId() && !runsAll()) {
      throw forbidden(
          "key '%s' belongs to organisation %d and may not see organisation %d"
              .formatted(key.caller().keyName(), key.caller().organisationId(), id));
    }
  }

  /** Whether it is an admin of the first organisation. */
  boolean runsAll() {
    return key.caller().organisationId() == Organisation.FIRST
        && key.role().map(r -> r == Role.ADMIN).orElse(false);
  }

  static GatewayRefusal forbidden(String message) {
    return new GatewayRefusal(403, message, "permission_error", "forbidden", Optional.empty());
  }

  static GatewayRefusal invalid(String message) {
    return new GatewayRefusal(
        400, message, "invalid_request_error", "invalid_value", Optional.empty());
  }

  /** The organisation that is meant: the parameter's, else the key's own. */
  long organisation() {
    long id = number("organisation").orElse(key.caller().organisationId());
    requireOrganisation(id);
    return id;
  }

  Optional<String> query(String name) {
    return request.query().first(name).asOptional().filter(v -> !v.isEmpty());
  }

  Optional<Long> number(String name) {
    return query(name).map(v -> number(name, v));
  }

  private static long number(String name, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw invalid("%s is '%s'; it must be a whole number".formatted(name, value));
    }
  }

  String path(String name) {
    return request.path().pathParameters().get(name);
  }

  long pathNumber(String name) {
    return number(name, path(name));
  }

  AdminBody body() {
    return new AdminBody(Json.parseObject(Requests.body(request, MAX_BODY)));
  }

  /** A page of {@code all}, which are in the order of their ids: those after {@code ?after=}. */
  <T> void page(List<T> all, ToLongFunction<T> id, Function<T, ObjectNode> json) {
    long after = number("after").orElse(0L);
    long most = Math.clamp(number("limit").orElse((long) PAGE), 1L, MAX_PAGE);
    List<T> rest = all.stream().filter(t -> id.applyAsLong(t) > after).toList();
    List<T> page = rest.stream().limit(most).toList();
    ObjectNode answer = Json.object();
    ArrayNode data = answer.putArray("data");
    page.forEach(t -> data.add(json.apply(t)));
    answer.put("has_more", rest.size() > page.size());
    if (!page.isEmpty()) {
      answer.put("next", id.applyAsLong(page.getLast()));
    }
    json(200, answer);
  }

  void json(int status, ObjectNode body) {
    send(status, "application/json", Json.writeBytes(body));
  }

  void csv(String text) {
    send(200, "text/csv; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the answer shall be CSV. */
  boolean wantsCsv() {
    return query("format").map("csv"::equals).orElse(false)
        || request
            .headers()
            .first(HeaderNames.ACCEPT)
            .map(a -> a.contains("text/csv"))
            .orElse(false);
  }

  private void send(int status, String type, byte[] body) {
    response.status(Status.create(status));
    response.header(HeaderNames.CONTENT_TYPE, type);
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.send(body);
  }
}
