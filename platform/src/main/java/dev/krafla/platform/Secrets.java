package dev.krafla.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Secrets come from a file or from an environment variable, and never from the command line. */
final class Secrets {
  private static final int RANDOM_BYTES = 16;

  private Secrets() {}

  /**
   * What {@code file} holds, or else {@code variable}; empty where there is neither.
   *
   * @param option that names the file
   * @throws UserError when the file cannot be read or is empty
   */
  static Optional<String> read(
      String option, @Nullable Path file, String variable, Map<String, String> environment)
      throws IOException {
    if (file == null) {
      return Optional.ofNullable(environment.get(variable)).filter(secret -> !secret.isBlank());
    }
    if (!Files.isReadable(file)) {
      throw new UserError("%s %s cannot be read".formatted(option, file));
    }
    String secret = Files.readString(file).strip();
    if (secret.isEmpty()) {
      throw new UserError("%s %s is empty".formatted(option, file));
    }
    return Optional.of(secret);
  }

  /** A key that nobody can guess: 128 random bits. */
  static String random() {
    byte[] key = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(key);
    return HexFormat.of().formatHex(key);
  }
}
