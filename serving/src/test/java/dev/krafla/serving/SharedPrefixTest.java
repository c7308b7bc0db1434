package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.wire.Json;
import dev.krafla.wire.OpenAiClient;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sixteen users of a real model with one system prompt of a thousand tokens, over HTTP: from the
 * second on, only what is a user's own is computed. {@code vllm:prefix_cache_hits_total} counts
 * what was found, {@code krafla_computed_tokens_total} what was computed.
 */
class SharedPrefixTest {
  private static final int USERS = 16;
  private static final int ANSWER = 8;
  private static final int BLOCK = 16;

  /** Its question, and the turns around it. */
  private static final int OWN_PROMPT = 40;

  private static final String SYSTEM =
      "You are a guide to the mountains, glaciers and hot springs of Iceland. ".repeat(67);

  private final PulledModel model = PulledModel.start();
  private final OpenAiClient client = new OpenAiClient(model.worker.url(), Optional.empty());

  @AfterEach
  void stop() {
    client.close();
    model.close();
  }

  @Test
  void theSecondUserAndThoseAfterComputeOnlyTheirOwnTokens() throws Exception {
    Usage first = ask(0);
    assertThat(first.prompt).isBetween(1000, 1200);
    assertThat(metric("krafla_computed_tokens_total")).isGreaterThanOrEqualTo(first.prompt);
    assertThat(metric("vllm:prefix_cache_hits_total")).isZero();

    for (int user = 1; user < USERS; user++) {
      double computed = metric("krafla_computed_tokens_total");
      double found = metric("vllm:prefix_cache_hits_total");
      double guessed = metric("vllm:spec_decode_num_draft_tokens_total");
      Usage usage = ask(user);

      assertThat(usage.cached).as("user %d", user).isGreaterThan(first.prompt - OWN_PROMPT - BLOCK);
      assertThat(metric("vllm:prefix_cache_hits_total") - found).isEqualTo(usage.cached);
      assertThat(
              metric("krafla_computed_tokens_total")
                  - computed
                  - (metric("vllm:spec_decode_num_draft_tokens_total") - guessed))
          .as("user %d", user)
          .isLessThanOrEqualTo(usage.prompt - usage.cached + ANSWER);
    }
  }

  @Test
  void usersWhoComeTogetherShareWhatTheFirstHasComputed() throws Exception {
    ask(0);
    double computed = metric("krafla_computed_tokens_total");
    double guessed = metric("vllm:spec_decode_num_draft_tokens_total");
    for (Usage usage : askTogether()) {
      assertThat(usage.cached).isGreaterThan(usage.prompt - OWN_PROMPT - BLOCK);
    }
    double own =
        metric("krafla_computed_tokens_total")
            - computed
            - (metric("vllm:spec_decode_num_draft_tokens_total") - guessed);
    assertThat(own).isLessThanOrEqualTo((USERS - 1) * (OWN_PROMPT + BLOCK + ANSWER));
  }

  private record Usage(int prompt, int cached) {}

  private List<Usage> askTogether() throws InterruptedException, ExecutionException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Usage>> asked = new ArrayList<>();
      for (int user = 1; user < USERS; user++) {
        int number = user;
        asked.add(threads.submit(() -> ask(number)));
      }
      List<Usage> usages = new ArrayList<>();
      for (Future<Usage> future : asked) {
        usages.add(future.get());
      }
      return usages;
    }
  }

  private Usage ask(int user) {
    ObjectNode body = Json.object();
    body.put("max_tokens", ANSWER).put("temperature", 0).put("ignore_eos", true);
    var messages = body.putArray("messages");
    messages.addObject().put("role", "system").put("content", SYSTEM);
    messages
        .addObject()
        .put("role", "user")
        .put("content", "I am visitor number %d. What should I see first?".formatted(user));
    var usage = client.postJson("/chat/completions", body).get("usage");
    return new Usage(
        usage.get("prompt_tokens").intValue(),
        usage.get("prompt_tokens_details").get("cached_tokens").intValue());
  }

  private double metric(String name) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(model.worker.url().resolve("/metrics")).build();
      String text = http.send(request, BodyHandlers.ofString()).body();
      Matcher line =
          Pattern.compile("(?m)^" + Pattern.quote(name) + "(?:\\{[^}]*})? ([-+.0-9eE]+)$")
              .matcher(text);
      assertThat(line.find()).as(name).isTrue();
      return Double.parseDouble(line.group(1));
    }
  }
}
