package dev.krafla.platform;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of this machine. */
final class Programs {
  private static final int PATIENCE_SECONDS = 20;

  private final List<Path> folders;

  /** The programs on the PATH of {@code environment}. */
  Programs(Map<String, String> environment) {
    folders =
        Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
            .filter(folder -> !folder.isBlank())
            .map(Path::of)
            .toList();
  }

  /** The first of {@code names} that is there; a name with a slash is a path. */
  Optional<Path> find(String... names) {
    return Stream.of(names)
        .flatMap(name ->
            name.contains("/")
                ? Stream.of(Path.of(name))
                : folders.stream().map(folder -> folder.resolve(name)))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /** First line that {@code program} prints for {@code arguments}; empty where it fails. */
  static Optional<String> firstLine(Path program, String... arguments) {
    List<String> command =
        Stream.concat(Stream.of(program.toString()), Stream.of(arguments)).toList();
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        return Optional.empty();
      }
      // Maven colours its first line even where nobody asked for colours.
      return text.lines()
          .map(line -> line.replaceAll("\u001b\\[[0-9;]*m", "").strip())
          .filter(line -> !line.isEmpty())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
