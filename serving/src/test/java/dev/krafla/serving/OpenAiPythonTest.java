package dev.krafla.serving;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real model behind the worker, used by the official Python client. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenAiPythonTest {
  private PulledModel model;
  private PythonClient python;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    python = PythonClient.install();
    model = PulledModel.start();
  }

  @AfterAll
  void stop() {
    if (model != null) {
      model.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat", "streaming", "tools", "json_schema", "errors", "completions"})
  void servesTheOfficialPythonClient(String check) throws Exception {
    python.check(model.worker.url(), PulledModel.ALIAS, check);
  }
}
