package dev.krafla.serving;

import dev.krafla.serving.route.Policy;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real model behind the router, used by the official Python client as if it were one server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenAiPythonProxyTest {
  private PulledModel model;
  private TestProxy proxy;
  private PythonClient python;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    python = PythonClient.install();
    model = PulledModel.start();
    proxy = TestProxy.start(Policy.PREFIX, model.worker.url());
  }

  @AfterAll
  void stop() {
    if (model != null) {
      proxy.close();
      model.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"streaming", "tools", "errors"})
  void servesTheOfficialPythonClient(String check) throws Exception {
    python.check(proxy.proxy.url(), PulledModel.ALIAS, check);
  }
}
