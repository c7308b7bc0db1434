package dev.krafla.wire;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Body of {@code POST /v1/embeddings}.
 *
 * @param base64 vectors as base64 of little-endian float32 instead of arrays of numbers
 */
public record EmbeddingRequest(String model, List<Prompt> inputs, boolean base64) {
  public EmbeddingRequest {
    inputs = List.copyOf(inputs);
  }

  /**
   * Reads a body.
   *
   * @throws InvalidBody naming the field that is missing, wrong or not supported
   */
  public static EmbeddingRequest parse(ObjectNode json) {
    Fields body = Fields.of(json);
    body.refuse("dimensions", v -> false, "vectors have the model's own size");
    String format = body.string("encoding_format").orElse("float");
    if (!format.equals("float") && !format.equals("base64")) {
      throw body.invalid(
          "encoding_format", "is \"%s\"; it must be float or base64".formatted(format));
    }
    return new EmbeddingRequest(
        body.string("model").orElse(""), Prompt.parse(body, "input"), format.equals("base64"));
  }
}
