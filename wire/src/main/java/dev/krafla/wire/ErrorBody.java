package dev.krafla.wire;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * OpenAI's error object.
 *
 * @param type {@code invalid_request_error}, {@code rate_limit_error}, {@code server_error} …
 * @param param the field at fault
 * @param code for programs: {@code context_length_exceeded}, {@code model_not_found} …
 */
public record ErrorBody(
    String message, String type, Optional<String> param, Optional<String> code) {
  /** The body {@code {"error": {…}}}. */
  public ObjectNode toJson() {
    ObjectNode body = Json.object();
    ObjectNode error = body.putObject("error");
    error.put("message", message).put("type", type);
    Json.putOrNull(error, "param", param);
    Json.putOrNull(error, "code", code);
    return body;
  }

  /** Reads an error body of any OpenAI-compatible server; what is missing becomes empty. */
  public static ErrorBody parse(ObjectNode body) {
    if (body.get("error") instanceof ObjectNode error) {
      return new ErrorBody(
          Json.text(error, "message").orElse("the server gave no message"),
          Json.text(error, "type").orElse(""),
          Json.text(error, "param"),
          Json.text(error, "code"));
    }
    // FastAPI's and Ollama's shapes
    String message =
        Json.text(body, "error")
            .or(() -> Json.text(body, "message"))
            .or(() -> Json.text(body, "detail"))
            .orElseGet(body::toString);
    return new ErrorBody(message, "", Optional.empty(), Optional.empty());
  }
}
