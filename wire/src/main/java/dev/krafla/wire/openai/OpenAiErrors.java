package dev.krafla.wire.openai;

import dev.krafla.wire.ErrorBody;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.WireError;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** OpenAI's error object, which the servers that speak its wires share. */
public final class OpenAiErrors {
  private static final int LONGEST_TEXT = 300;

  private OpenAiErrors() {}

  /** Reads an error of any server; a body that is not JSON gives its beginning as the message. */
  public static WireError read(int status, byte[] body) {
    try {
      return read(status, Json.parseObject(body));
    } catch (InvalidBody e) {
      String text = new String(body, StandardCharsets.UTF_8).strip();
      String start = text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
      return new WireError(
          WireError.Kind.of(status),
          start.isEmpty() ? "the provider answered status " + status + " without a word" : start);
    }
  }

  /**
   * Reads an error object.
   *
   * @param status of the answer; 200 within a stream, where the object itself must tell
   */
  public static WireError read(int status, ObjectNode body) {
    ErrorBody error = ErrorBody.parse(body);
    WireError.Kind kind = status >= 400 ? WireError.Kind.of(status) : kindOf(error);
    return new WireError(kind, error.message(), error.param(), code(body, error));
  }

  /** Some servers write a number. */
  private static Optional<String> code(ObjectNode body, ErrorBody error) {
    return error
        .code()
        .or(() ->
            body.path("error").path("code").isNumber()
                ? Optional.of(body.path("error").path("code").asString())
                : Optional.empty());
  }

  private static WireError.Kind kindOf(ErrorBody error) {
    String type = error.type().toLowerCase(Locale.ROOT) + " " + error.code().orElse("");
    if (type.contains("invalid_request")) {
      return WireError.Kind.INVALID_REQUEST;
    }
    if (type.contains("rate_limit")) {
      return WireError.Kind.RATE_LIMIT;
    }
    if (type.contains("overloaded")) {
      return WireError.Kind.OVERLOADED;
    }
    return type.contains("timeout") ? WireError.Kind.TIMEOUT : WireError.Kind.SERVER;
  }

  /** The body {@code {"error": {…}}}. */
  public static ObjectNode write(WireError error) {
    return body(error).toJson();
  }

  static ErrorBody body(WireError error) {
    return new ErrorBody(error.message(), type(error.kind()), error.param(), error.code());
  }

  /** OpenAI's {@code error.type}. */
  public static String type(WireError.Kind kind) {
    return switch (kind) {
      case INVALID_REQUEST, NOT_FOUND, TOO_LARGE -> "invalid_request_error";
      case AUTHENTICATION -> "authentication_error";
      case BILLING -> "insufficient_quota";
      case PERMISSION -> "permission_error";
      case RATE_LIMIT -> "rate_limit_error";
      case SERVER, UNAVAILABLE, OVERLOADED -> "server_error";
      case TIMEOUT -> "timeout_error";
    };
  }
}
