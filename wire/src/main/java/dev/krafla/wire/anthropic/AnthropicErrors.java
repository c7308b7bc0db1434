package dev.krafla.wire.anthropic;

import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.WireError;
import dev.krafla.wire.generation.WireError.Kind;
import dev.krafla.wire.openai.OpenAiErrors;
import tools.jackson.databind.node.ObjectNode;

/** Anthropic's error: {@code {"type":"error","error":{"type":…,"message":…}}}. */
final class AnthropicErrors {
  private static final int OK = 200;

  private AnthropicErrors() {}

  static WireError read(int status, byte[] body) {
    WireError plain = OpenAiErrors.read(status, body); // the same member, with a message and a type
    try {
      return read(status, Json.parseObject(body), plain);
    } catch (InvalidBody e) {
      return plain;
    }
  }

  /** The error within a stream that began well. */
  static WireError read(ObjectNode event) {
    return read(OK, event, OpenAiErrors.read(OK, event));
  }

  private static WireError read(int status, ObjectNode body, WireError plain) {
    String type = body.path("error").path("type").asString("");
    Kind kind = kind(type, status == OK ? plain.kind() : Kind.of(status));
    return new WireError(kind, plain.message(), plain.param(), plain.code());
  }

  private static Kind kind(String type, Kind otherwise) {
    for (Kind kind : Kind.values()) {
      if (type(kind).equals(type)) {
        return type(otherwise).equals(type) ? otherwise : kind;
      }
    }
    return otherwise;
  }

  static String type(Kind kind) {
    return switch (kind) {
      case INVALID_REQUEST -> "invalid_request_error";
      case AUTHENTICATION -> "authentication_error";
      case BILLING -> "billing_error";
      case PERMISSION -> "permission_error";
      case NOT_FOUND -> "not_found_error";
      case TOO_LARGE -> "request_too_large";
      case RATE_LIMIT -> "rate_limit_error";
      case SERVER, UNAVAILABLE -> "api_error";
      case TIMEOUT -> "timeout_error";
      case OVERLOADED -> "overloaded_error";
    };
  }

  static ObjectNode write(WireError error) {
    ObjectNode json = Json.object().put("type", "error");
    json.putObject("error").put("type", type(error.kind())).put("message", error.message());
    json.putNull("request_id");
    return json;
  }
}
