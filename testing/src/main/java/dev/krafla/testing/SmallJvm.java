package dev.krafla.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program in a JVM of its own with little memory: what exceeds it kills that one. */
public final class SmallJvm {
  private SmallJvm() {}

  /**
   * Runs {@code main} on this JVM's class path.
   *
   * @param flags of the JVM, as {@code -Xmx64m}
   * @return what it printed
   * @throws AssertionError when it fails or is not done within {@code limit}; with what it printed
   */
  public static String run(Class<?> main, Duration limit, String... flags) {
    try {
      Path log = Files.createTempFile("small-jvm", ".log");
      try {
        return run(command(main, flags), limit, log);
      } finally {
        Files.delete(log);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> command(Class<?> main, String... flags) {
    // Surefire hides the class path in a jar's manifest, and leaves it in this property.
    String own = System.getProperty("java.class.path");
    String path = System.getProperty("surefire.test.class.path", own);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-ea", "-cp", path, main.getName()));
    return command;
  }

  private static String run(List<String> command, Duration limit, Path log) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      String output = Files.readString(log);
      if (!ended || process.exitValue() != 0) {
        String how = ended ? "ended with " + process.exitValue() : "did not end within " + limit;
        throw new AssertionError("%s %s:%n%s".formatted(command.getLast(), how, output));
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
