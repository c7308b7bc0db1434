package dev.krafla.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program in a JVM of its own, that a test talks to and kills. */
public final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final StringBuilder seen = new StringBuilder();

  private ChildJvm(List<String> command) {
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    output = process.inputReader();
  }

  /** Starts {@code main} on this JVM's class path. */
  public static ChildJvm start(Class<?> main, String... arguments) {
    return new ChildJvm(command(main, arguments));
  }

  /** Starts any command, as one that ends in {@link #command}. */
  public static ChildJvm start(List<String> command) {
    return new ChildJvm(command);
  }

  /** The command line that runs {@code main} in a small JVM that starts quickly. */
  public static List<String> command(Class<?> main, String... arguments) {
    // Surefire hides the class path in a jar's manifest, and leaves it in this property.
    String own = System.getProperty("java.class.path");
    String path = System.getProperty("surefire.test.class.path", own);
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
    command.addAll(List.of("-Xmx128m", "-ea", "-cp", path, main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * Waits for a line that begins with {@code word} and a space, or is just that.
   *
   * @return what follows
   * @throws AssertionError when the program ends without one; with all that it printed
   */
  public String await(String word) {
    try {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        seen.append(line).append('\n');
        if (line.equals(word)) {
          return "";
        }
        if (line.startsWith(word + " ")) {
          return line.substring(word.length() + 1);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("it ended without saying " + word + ":\n" + seen);
  }

  /** Ends it with SIGKILL. */
  public void kill() {
    process.destroyForcibly();
    exitCode();
  }

  /** Waits for its end; 137 where it was killed. */
  public int exitCode() {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** The rest of what it prints, until it ends. */
  public String rest() {
    try {
      return output.readAllAsString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
