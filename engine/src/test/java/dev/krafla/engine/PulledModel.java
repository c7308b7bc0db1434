package dev.krafla.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Finds models that {@code ./krafla pull} has fetched, or skips the test by name. */
final class PulledModel {
  private PulledModel() {}

  static Path smolLm2() {
    Path home =
        Path.of(
            Objects.requireNonNullElse(
                System.getenv("KRAFLA_HOME"), System.getProperty("user.home") + "/.krafla"));
    Path file = home.resolve("models/smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf");
    assumeTrue(Files.exists(file), "no " + file + "; run ./krafla pull smollm2-135m");
    return file;
  }
}
