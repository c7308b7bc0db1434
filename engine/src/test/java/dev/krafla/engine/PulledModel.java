package dev.krafla.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Finds models that {@code ./krafla pull} has fetched, or skips the test by name. */
final class PulledModel {
  private PulledModel() {}

  static Path smolLm2() {
    return file("smollm2-135m", "SmolLM2-135M-Instruct.Q4_1.gguf");
  }

  static Path gemma3() {
    return file("gemma3-270m", "gemma-3-270m-q4_k_m.gguf");
  }

  private static Path file(String alias, String name) {
    Path home =
        Path.of(
            Objects.requireNonNullElse(
                System.getenv("KRAFLA_HOME"), System.getProperty("user.home") + "/.krafla"));
    Path file = home.resolve("models").resolve(alias).resolve(name);
    assumeTrue(Files.exists(file), "no " + file + "; run ./krafla pull " + alias);
    return file;
  }
}
