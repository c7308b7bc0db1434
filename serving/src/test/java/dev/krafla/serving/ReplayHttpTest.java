package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.serving.replay.Endpoint;
import dev.krafla.serving.replay.HttpEndpoint;
import dev.krafla.serving.replay.MadeUpTokens;
import dev.krafla.serving.replay.SharedPrefixLoad;
import dev.krafla.serving.replay.Work;
import dev.krafla.wire.OpenAiClient;
import dev.krafla.wire.RemoteError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Replay and load against our own worker over HTTP. */
class ReplayHttpTest {
  private static final List<Work> WORKS =
      new SharedPrefixLoad(3, 64, 16, 5).works(MadeUpTokens.of(0, 256, _ -> true, 1));

  private static Endpoint endpoint(TestWorker worker, boolean useCache) {
    return new HttpEndpoint(
        new OpenAiClient(worker.worker.url(), Optional.empty()), TestWorker.MODEL, useCache);
  }

  @Test
  void promptsAreTokenIdsAndTheUsageComesBack() {
    try (TestWorker worker = TestWorker.start();
        Endpoint endpoint = endpoint(worker, true)) {
      Endpoint.Answer first = endpoint.ask(WORKS.get(0).prompt().get(), 5);
      assertThat(first.promptTokens()).isEqualTo(80);
      assertThat(first.outputTokens()).isEqualTo(5); // the script's end token is ignored
      assertThat(first.cachedTokens()).hasValue(0);
      assertThat(first.firstNanos()).isLessThanOrEqualTo(first.lastNanos());
      Endpoint.Answer second = endpoint.ask(WORKS.get(1).prompt().get(), 5);
      assertThat(second.cachedTokens()).hasValue(64); // the prefix that they share
    }
  }

  @Test
  void withoutTheCacheNothingIsFound() {
    try (TestWorker worker = TestWorker.start();
        Endpoint endpoint = endpoint(worker, false)) {
      for (int i = 0; i < 3; i++) {
        Endpoint.Answer same = endpoint.ask(WORKS.get(0).prompt().get(), 5);
        assertThat(same.cachedTokens()).hasValue(0);
      }
    }
  }

  @Test
  void computeTimeIsReadFromTheMetrics() {
    try (TestWorker worker = TestWorker.start();
        Endpoint endpoint = endpoint(worker, true)) {
      Duration before = endpoint.busy().orElseThrow();
      endpoint.ask(WORKS.get(0).prompt().get(), 5);
      assertThat(endpoint.busy().orElseThrow()).isGreaterThan(before);
      assertThat(endpoint.busySource()).contains("/metrics");
    }
  }

  @Test
  void aRefusalIsAnErrorThatSaysWhy() {
    try (TestWorker worker = TestWorker.start();
        Endpoint endpoint = endpoint(worker, true)) {
      assertThatThrownBy(() -> endpoint.ask(new int[3000], 5))
          .isInstanceOf(RemoteError.class)
          .hasMessageContaining("3000 tokens");
    }
  }
}
