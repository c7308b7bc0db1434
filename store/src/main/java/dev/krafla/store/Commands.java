package dev.krafla.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs that are run to their end. */
final class Commands {
  private static final long LIMIT_SECONDS = 120;

  /**
   * How a program ended.
   *
   * @param code 127 also where there is no such program
   * @param output standard output and error, in the order written
   */
  record Result(int code, String output) {
    boolean ok() {
      return code == 0;
    }
  }

  private Commands() {}

  /** Runs {@code command} in the C locale, without the variables that would steer PostgreSQL. */
  static Result run(List<String> command) {
    try {
      Process process = prepared(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new Result(124, output + "it did not end within %d s".formatted(LIMIT_SECONDS));
      }
      return new Result(process.exitValue(), output);
    } catch (IOException e) {
      return new Result(127, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted while %s ran".formatted(command.getFirst()), e);
    }
  }

  /** A builder for {@code command} with that environment. */
  static ProcessBuilder prepared(List<String> command) {
    var builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    return builder;
  }
}
