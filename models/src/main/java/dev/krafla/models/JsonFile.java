package dev.krafla.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the small JSON files beside a model's weights. */
final class JsonFile {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long MAX_BYTES = 64L << 20; // the index of a model of 100,000 tensors has 10

  private JsonFile() {}

  /**
   * The object in {@code path}.
   *
   * @throws ModelFormatException when it is no JSON object, or larger than 64 MiB
   */
  static JsonNode read(Path path) {
    try {
      long size = Files.size(path);
      if (size > MAX_BYTES) {
        throw new ModelFormatException(
            "%s: has %d bytes; such files have at most %d".formatted(path, size, MAX_BYTES));
      }
      JsonNode json = JSON.readTree(Files.readAllBytes(path));
      if (!json.isObject()) {
        throw new ModelFormatException("%s: is not a JSON object".formatted(path));
      }
      return json;
    } catch (JacksonException e) {
      throw new ModelFormatException(
          "%s: is no valid JSON: %s".formatted(path, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
  }
}
