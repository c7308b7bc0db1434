package dev.krafla.gateway.server;

import dev.krafla.gateway.Endpoint;
import dev.krafla.wire.ErrorBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.Sse;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Errors of the gateway in the shape of the client's wire. */
final class WireErrors {
  private WireErrors() {}

  /** The body of an answer with {@code status}. */
  static ObjectNode body(Optional<Endpoint> endpoint, int status, ErrorBody error) {
    return endpoint.filter(e -> e == Endpoint.MESSAGES).isPresent()
        ? messages(status, error)
        : error.toJson();
  }

  /** Events that end a stream within which something went wrong. */
  static byte[] events(Endpoint endpoint, int status, ErrorBody error) {
    return switch (endpoint) {
      case CHAT, COMPLETIONS, EMBEDDINGS -> {
        var out = new ByteArrayOutputStream();
        out.writeBytes(Sse.event(error.toJson()));
        out.writeBytes(Sse.event(Sse.DONE));
        yield out.toByteArray();
      }
      case MESSAGES -> named("error", messages(status, error));
      case RESPONSES -> {
        ObjectNode event = Json.object();
        event.put("type", "error").put("code", error.code().orElse("server_error"));
        event.put("message", error.message()).putNull("param");
        yield named("error", event);
      }
    };
  }

  private static byte[] named(String name, ObjectNode data) {
    String event = "event: %s\ndata: %s\n\n".formatted(name, Json.write(data));
    return event.getBytes(StandardCharsets.UTF_8);
  }

  private static ObjectNode messages(int status, ErrorBody error) {
    String type =
        switch (status) {
          case 401 -> "authentication_error";
          case 402 -> "billing_error";
          case 403 -> "permission_error";
          case 404 -> "not_found_error";
          case 413 -> "request_too_large";
          case 429 -> "rate_limit_error";
          case 503, 529 -> "overloaded_error";
          case 504 -> "timeout_error";
          default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    ObjectNode body = Json.object();
    body.put("type", "error");
    body.putObject("error").put("type", type).put("message", error.message());
    return body;
  }
}
