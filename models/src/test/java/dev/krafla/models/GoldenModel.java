package dev.krafla.models;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/**
 * A tiny random model with the logits transformers computed for it; made by {@code
 * tools/golden_models.py}.
 *
 * @param logits {@code [position][token]}
 */
record GoldenModel(Path folder, int[] tokens, float[][] logits) {
  /** One of every architecture, and mistral. */
  static final List<String> NAMES = List.of("llama", "mistral", "qwen2", "qwen3", "gemma3");

  static GoldenModel read(String name) {
    try {
      URL url = GoldenModel.class.getResource("/golden/models/" + name + "/config.json");
      Path folder =
          Objects.requireNonNull(Path.of(Objects.requireNonNull(url).toURI()).getParent());
      int[] tokens =
          JsonMapper.shared()
              .readValue(Files.readAllBytes(folder.resolve("tokens.json")), int[].class);
      ByteBuffer bytes =
          ByteBuffer.wrap(Files.readAllBytes(folder.resolve("logits.f32")))
              .order(ByteOrder.LITTLE_ENDIAN);
      float[][] logits = new float[tokens.length][bytes.remaining() / 4 / tokens.length];
      for (float[] row : logits) {
        for (int i = 0; i < row.length; i++) {
          row[i] = bytes.getFloat();
        }
      }
      return new GoldenModel(folder, tokens, logits);
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("golden model " + name, e);
    }
  }
}
