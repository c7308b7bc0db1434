package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The official Python client and what it does with a worker. The package is installed into a
 * virtual environment under Krafla's home, once; where that cannot be done the tests are skipped.
 */
final class PythonClient {
  private static final Path REQUIREMENTS = Path.of("src/test/python/requirements.txt");
  private static final Path SCRIPT = Path.of("src/test/python/openai_client.py");

  private final Path python;

  private PythonClient(Path python) {
    this.python = python;
  }

  static PythonClient install() throws IOException, InterruptedException {
    String pinned = Files.readString(REQUIREMENTS).strip(); // a new pin, a new environment
    Path venv = PulledModel.home().resolve("cache/venv-" + pinned.replace("==", "-"));
    Path python = venv.resolve("bin/python");
    if (!Files.exists(python)
        || run(List.of(python.toString(), "-c", "import openai")).code() != 0) {
      Files.createDirectories(venv);
      Result made = run(List.of("python3", "-m", "venv", "--clear", venv.toString()));
      assumeTrue(made.code() == 0, "needs python3 with its venv module: " + made.output());
      Result installed = run(List.of(python.toString(), "-m", "pip", "install", "--quiet", pinned));
      assumeTrue(installed.code() == 0, "needs the package " + pinned + ": " + installed.output());
    }
    return new PythonClient(python);
  }

  private record Result(int code, String output) {}

  private static Result run(List<String> command) throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) { // no such program
      return new Result(-1, String.valueOf(e.getMessage()));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Result(process.exitValue(), output);
  }

  /** Runs one of the script's checks against a worker; fails with what it says. */
  void check(URI worker, String model, String check) throws IOException, InterruptedException {
    List<String> command =
        List.of(python.toString(), SCRIPT.toString(), worker + "/v1", model, check);

    Result result = run(command);

    assertThat(result.code()).as(result.output()).isZero();
  }
}
