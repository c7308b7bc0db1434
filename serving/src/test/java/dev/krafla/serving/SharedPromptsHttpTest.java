package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.models.LoadedModel;
import dev.krafla.wire.Json;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A system prompt that the operator declares, asked with by several tenants over HTTP. */
class SharedPromptsHttpTest {
  private static final String DECLARED = "You answer questions about the hot springs of Iceland.";
  private static final String OTHER =
      "Glaciers are what you are asked about, and you are discreet.";

  private final TestWorker worker = start();

  private static TestWorker start() {
    var lm = new ScriptedLm(2048);
    var model = new LoadedModel(lm, lm.tokenizer, Optional.of(new PlainTemplate()));
    var served = new ServedModel(TestWorker.MODEL, model, "scalar");
    return TestWorker.start(
        lm,
        TestWorker.small().withSharedPrefixes(SharedPrompts.of(served, List.of(DECLARED))),
        WorkerConfig.DEFAULTS);
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  private int cached(String path, String body, String tenant) throws Exception {
    var response =
        worker.send(
            HttpRequest.newBuilder(worker.uri(path))
                .header(CallTerms.TENANT_HEADER, tenant)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Json.parseObject(response.body())
        .at("/usage/prompt_tokens_details/cached_tokens")
        .asInt();
  }

  private int chat(String system, String question, String tenant) throws Exception {
    String body =
        """
        {"max_tokens":2,"messages":[{"role":"system","content":"%s"},\
        {"role":"user","content":"%s"}]}\
        """
            .formatted(system, question);
    return cached("/v1/chat/completions", body, tenant);
  }

  private int complete(String text, String tenant) throws Exception {
    return cached(
        "/v1/completions", "{\"max_tokens\":2,\"prompt\":\"%s\"}".formatted(text), tenant);
  }

  @Test
  void tenantsShareTheDeclaredSystemPromptAndNoQuestion() throws Exception {
    String question = "Is the water of this one warm enough for my secret bath at night?";
    assertThat(chat(DECLARED, question, "one")).isZero();
    int shared = chat(DECLARED, question, "two");
    // A token a byte: the system message and the tokens around it, in whole blocks.
    assertThat(shared).isBetween(DECLARED.length() - 16, DECLARED.length() + 16 + 8);
    assertThat(chat(DECLARED, "And the other one?", "three")).isEqualTo(shared);
    assertThat(chat(DECLARED, question, "two")).isGreaterThan(shared);
  }

  @Test
  void aSystemPromptThatNobodyDeclaredIsItsTenantsAlone() throws Exception {
    assertThat(chat(OTHER, "How thick is it?", "one")).isZero();
    assertThat(chat(OTHER, "How thick is it?", "two")).isZero();
    assertThat(chat(OTHER, "How thick is it?", "one")).isPositive();
  }

  @Test
  void completionsThatBeginWithItShareIt() throws Exception {
    assertThat(complete(DECLARED + " Which is the warmest of all?", "one")).isZero();
    assertThat(complete(DECLARED + " Which is the warmest of all?", "two"))
        .isBetween(DECLARED.length() - 16, DECLARED.length() + 1);
  }
}
