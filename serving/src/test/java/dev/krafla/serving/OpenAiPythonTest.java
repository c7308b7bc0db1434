package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real model behind the worker, used by the official Python client. The package is installed into
 * a virtual environment under Krafla's home, once; where that cannot be done the tests are skipped.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenAiPythonTest {
  private static final Path REQUIREMENTS = Path.of("src/test/python/requirements.txt");
  private static final Path SCRIPT = Path.of("src/test/python/openai_client.py");

  private PulledModel model;
  private Path python;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    python = pythonWithTheClient();
    model = PulledModel.start();
  }

  @AfterAll
  void stop() {
    if (model != null) {
      model.close();
    }
  }

  private static Path pythonWithTheClient() throws IOException, InterruptedException {
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
    return python;
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

  @ParameterizedTest
  @ValueSource(strings = {"chat", "streaming", "tools", "json_schema", "errors", "completions"})
  void servesTheOfficialPythonClient(String check) throws Exception {
    String url = model.worker.url() + "/v1";

    Result result =
        run(List.of(python.toString(), SCRIPT.toString(), url, PulledModel.ALIAS, check));

    assertThat(result.code()).as(result.output()).isZero();
  }
}
