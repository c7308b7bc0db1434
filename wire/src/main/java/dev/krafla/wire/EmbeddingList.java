package dev.krafla.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answer to an embedding request: a vector for each input, in their order. */
public record EmbeddingList(String model, List<float[]> vectors, int promptTokens) {
  public EmbeddingList {
    vectors = List.copyOf(vectors);
  }

  /**
   * @param base64 vectors as base64 of little-endian float32
   */
  public ObjectNode toJson(boolean base64) {
    ObjectNode json = Json.object();
    json.put("object", "list").put("model", model);
    ArrayNode data = json.putArray("data");
    for (int i = 0; i < vectors.size(); i++) {
      ObjectNode item = data.addObject();
      item.put("object", "embedding").put("index", i);
      if (base64) {
        item.put("embedding", encode(vectors.get(i)));
      } else {
        ArrayNode array = item.putArray("embedding");
        for (float v : vectors.get(i)) {
          array.add(v);
        }
      }
    }
    json.putObject("usage").put("prompt_tokens", promptTokens).put("total_tokens", promptTokens);
    return json;
  }

  private static String encode(float[] vector) {
    ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(vector);
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
