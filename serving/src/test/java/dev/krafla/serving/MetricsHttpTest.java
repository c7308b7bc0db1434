package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsHttpTest {
  private static final String CHAT = "/v1/chat/completions";

  private final TestWorker worker = TestWorker.start();

  @AfterEach
  void stop() {
    worker.close();
  }

  private double metric(String name) throws IOException, InterruptedException {
    String text = worker.get("/metrics").body();
    Matcher line =
        Pattern.compile("(?m)^" + Pattern.quote(name) + "(?:\\{[^}]*})? ([-+.0-9eE]+)$")
            .matcher(text);
    assertThat(line.find()).as(name + " in\n" + text).isTrue();
    return Double.parseDouble(line.group(1));
  }

  private void ask(String system, String question) throws IOException, InterruptedException {
    String body =
        "{\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},{\"role\":\"user\",\"content\":\"%s\"}]}"
            .formatted(system, question);
    assertThat(worker.post(CHAT, body).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vllm:num_requests_running",
        "vllm:num_requests_waiting",
        "vllm:kv_cache_usage_perc",
        "vllm:prefix_cache_queries_total",
        "vllm:prefix_cache_hits_total",
        "vllm:prompt_tokens_total",
        "vllm:generation_tokens_total",
        "vllm:num_preemptions_total",
        "vllm:request_success_total",
        "vllm:cache_config_info",
        "vllm:time_to_first_token_seconds_count",
        "vllm:inter_token_latency_seconds_count",
        "vllm:request_time_per_output_token_seconds_count",
        "vllm:e2e_request_latency_seconds_count",
        "vllm:request_queue_time_seconds_count",
        "krafla_computed_tokens_total",
        "krafla_model_info"
      })
  void showsTheNameThatRoutersScrape(String name) throws Exception {
    ask("Be brief.", "Hi");

    metric(name);
  }

  @Test
  void countsWhatWasDone() throws Exception {
    ask("Be brief.", "Hi");
    ask("Be brief.", "Hi");

    assertThat(metric("vllm:generation_tokens_total")).isEqualTo(2 * ("Hello there.".length() + 1));
    assertThat(metric("vllm:time_to_first_token_seconds_count")).isEqualTo(2);
    assertThat(metric("vllm:e2e_request_latency_seconds_count")).isEqualTo(2);
    assertThat(metric("vllm:num_requests_running")).isZero();
    assertThat(worker.get("/metrics").body())
        .contains("vllm:cache_config_info{", "block_size=\"", "num_gpu_blocks=\"")
        .contains("finished_reason=\"stop\"")
        .contains("model_name=\"scripted\"");
  }

  @Test
  void computesASharedSystemPromptOnceForSixteenUsers() throws Exception {
    String system = "You are a helpful guide to the mountains of Iceland. ".repeat(19);
    ask(system, "user 00");
    double first = metric("krafla_computed_tokens_total");

    for (int user = 1; user < 16; user++) {
      double before = metric("krafla_computed_tokens_total");
      ask(system, "user %02d".formatted(user));
      double computed = metric("krafla_computed_tokens_total") - before;

      // Its own question, its answer, and less than one block that the prefix fills in part.
      assertThat(computed).as("user " + user).isLessThan(80);
    }
    assertThat(first).isGreaterThan(1000);
    assertThat(metric("vllm:prefix_cache_hits_total")).isGreaterThan(15 * 960);
  }

  @Test
  void keepsPrefixesOfDifferentSaltsApart() throws Exception {
    String body = "{\"cache_salt\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}";
    String question = "x".repeat(200);
    worker.post(CHAT, body.formatted("a", question));
    worker.post(CHAT, body.formatted("b", question));

    assertThat(metric("vllm:prefix_cache_hits_total")).isZero();
    worker.post(CHAT, body.formatted("a", question));
    assertThat(metric("vllm:prefix_cache_hits_total")).isGreaterThan(180);
  }
}
