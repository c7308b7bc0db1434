package dev.krafla.platform;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The key that a server of ours asks for: from a file, or from the environment. */
final class ApiKeys {
  private ApiKeys() {}

  /** The key; empty where none is asked for. */
  static Optional<String> read(@Nullable Path file, CliContext context) throws IOException {
    return Secrets.read("--api-key-file", file, "KRAFLA_API_KEY", context.environment());
  }
}
