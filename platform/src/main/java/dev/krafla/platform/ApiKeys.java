package dev.krafla.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The key that a server of ours asks for: from a file, or from the environment. */
final class ApiKeys {
  private ApiKeys() {}

  /** The key; empty where none is asked for. */
  static Optional<String> read(@Nullable Path file, CliContext context) throws IOException {
    if (file == null) {
      return Optional.ofNullable(context.environment().get("KRAFLA_API_KEY"))
          .filter(key -> !key.isBlank());
    }
    if (!Files.isReadable(file)) {
      throw new UserError("--api-key-file %s cannot be read".formatted(file));
    }
    String key = Files.readString(file).strip();
    if (key.isEmpty()) {
      throw new UserError("--api-key-file %s is empty".formatted(file));
    }
    return Optional.of(key);
  }
}
