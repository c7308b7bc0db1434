package dev.krafla.serving;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class RefusalHttpTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String HI = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]%s}";

  private static void expect(
      HttpResponse<String> response, int status, String code, String... inMessage) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    ObjectNode error = TestWorker.error(response);
    assertThat(error.get("code").stringValue()).isEqualTo(code);
    assertThat(error.get("type").stringValue()).isNotBlank();
    for (String part : inMessage) {
      assertThat(error.get("message").stringValue()).contains(part);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "temperature; \"hot\"",
        "temperature; -1",
        "top_p; 7",
        "max_tokens; 0",
        "max_tokens; 1.5",
        "n; 1000",
        "stop; 5",
        "stop[1]; [\"a\", 3]",
        "logit_bias.x; {\"x\": 1}",
        "logit_bias; {\"99999\": 1}",
        "logit_bias.5; {\"5\": 101}",
        "top_logprobs; 3",
        "response_format.type; {\"type\": \"xml\"}",
        "response_format.json_schema; {\"type\": \"json_schema\"}",
        "tools[0].function.name; [{\"type\": \"function\", \"function\": {}}]",
        "tools[0].type; [{\"type\": \"browser\"}]",
        "tool_choice; \"required\"",
        "modalities; [\"audio\"]",
        "functions; [{}]",
        "stream; \"yes\"",
        "stream_options.include_usage; {\"include_usage\": 1}",
        "seed; \"lucky\"",
        "min_tokens; 4",
        "kv_transfer_params; 7",
        "kv_transfer_params.remote_port; {\"remote_port\": \"next\"}",
        "kv_transfer_params; {\"do_remote_decode\": true}",
        "kv_transfer_params; {\"do_remote_prefill\": true}",
      })
  void namesTheFieldThatIsWrong(String param, String value) throws Exception {
    try (var worker = TestWorker.start()) {
      String field = param.replaceAll("[.\\[].*", "");

      HttpResponse<String> response =
          worker.post(CHAT, HI.formatted(",\"" + field + "\":" + value));

      expect(response, 400, "invalid_value");
      assertThat(TestWorker.error(response).get("param").stringValue()).isEqualTo(param);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "messages; {}",
        "messages; {\"messages\": []}",
        "messages; {\"messages\": \"Hi\"}",
        "messages[0].role; {\"messages\": [{\"content\": \"Hi\"}]}",
        "messages[0].role; {\"messages\": [{\"role\": \"wizard\", \"content\": \"Hi\"}]}",
        "messages[0].content; {\"messages\": [{\"role\": \"user\", \"content\": 5}]}",
        "messages[0].content; {\"messages\": [{\"role\": \"user\"}]}",
        "messages[0].content[0].type; {\"messages\": [{\"role\": \"user\", \"content\":"
            + " [{\"type\": \"image_url\"}]}]}",
        "messages[0].tool_calls[0].function.arguments; {\"messages\": [{\"role\": \"assistant\","
            + " \"tool_calls\": [{\"function\": {\"name\": \"f\", \"arguments\": \"{\"}}]}]}",
      })
  void namesThePlaceInTheMessagesThatIsWrong(String param, String body) throws Exception {
    try (var worker = TestWorker.start()) {
      HttpResponse<String> response = worker.post(CHAT, body);

      expect(response, 400, "invalid_value");
      assertThat(TestWorker.error(response).get("param").stringValue()).isEqualTo(param);
    }
  }

  @Test
  void refusesAPromptThatDoesNotFitAndNeverCutsIt() throws Exception {
    try (var worker = TestWorker.start(new ScriptedLm(100))) {
      HttpResponse<String> response =
          worker.post(
              CHAT,
              "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted("x".repeat(200)));

      expect(response, 400, "context_length_exceeded", "100");
      assertThat(TestWorker.error(response).get("param").stringValue()).isEqualTo("messages");
    }
  }

  @Test
  void answers429AndWhenToComeBackWhereTheQueueIsFull() throws Exception {
    try (var worker = TestWorker.start(TestWorker.small().withMaxSequences(1).withMaxQueued(1))) {
      worker.lm.hold();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var answers = new ExecutorCompletionService<HttpResponse<String>>(threads);
        answers.submit(() -> worker.post(CHAT, HI.formatted("")));
        worker.await(worker.lm::isHeld);
        answers.submit(() -> worker.post(CHAT, HI.formatted("")));
        answers.submit(() -> worker.post(CHAT, HI.formatted("")));

        HttpResponse<String> refused = answers.take().get(); // the other two wait for the model

        expect(refused, 429, "rate_limit_exceeded");
        assertThat(refused.headers().firstValue("Retry-After").orElseThrow()).matches("[1-9]\\d*");
        worker.lm.steps.release(1_000_000);
        assertThat(answers.take().get().statusCode()).isEqualTo(200);
        assertThat(answers.take().get().statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void asksForTheKeyWhereOneIsSet() throws Exception {
    var config = WorkerConfig.DEFAULTS.withApiKey(Optional.of("s3cret"));
    try (var worker = TestWorker.start(config)) {
      HttpRequest.Builder models = HttpRequest.newBuilder(worker.uri("/v1/models"));

      expect(worker.send(models.build()), 401, "invalid_api_key");
      models.header("Authorization", "Bearer s3cres");
      expect(worker.send(models.build()), 401, "invalid_api_key");
      assertThat(worker.client.models()).containsExactly(TestWorker.MODEL);
      assertThat(worker.get("/health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void tellsWhatItDoesNotHave() throws Exception {
    try (var worker = TestWorker.start()) {
      expect(
          worker.post(CHAT, HI.formatted(",\"model\":\"gpt-9\"")),
          404,
          "model_not_found",
          "gpt-9",
          TestWorker.MODEL);
      expect(worker.post("/v1/audio", "{}"), 404, "not_found", "/v1/audio");
      expect(worker.get(CHAT), 405, "method_not_allowed", "POST");
      expect(worker.get("/v1/models/other"), 404, "model_not_found", "other");
      assertThat(worker.get("/v1/models/" + TestWorker.MODEL).statusCode()).isEqualTo(200);
      expect(
          worker.post("/v1/embeddings", "{\"input\":\"Hi\"}"), 400, "invalid_value", "embeddings");
    }
  }

  @Test
  void refusesABodyThatIsTooLargeByLengthAndByChunks() throws Exception {
    try (var worker = TestWorker.start(WorkerConfig.DEFAULTS.withMaxBodyBytes(1000))) {
      byte[] large = HI.formatted(",\"user\":\"" + "x".repeat(1500) + "\"").getBytes(UTF_8);
      HttpRequest.Builder request = HttpRequest.newBuilder(worker.uri(CHAT));

      request.POST(HttpRequest.BodyPublishers.ofByteArray(large));
      expect(worker.send(request.build()), 413, "body_too_large", "1,000");
      request.POST(
          HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)));
      expect(worker.send(request.build()), 413, "body_too_large", "1,000");
      assertThat(worker.post(CHAT, HI.formatted("")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void reportsAnEngineThatFailsAndGoesOnAfterIt() throws Exception {
    try (var worker = TestWorker.start()) {
      worker.lm.failing(true);
      expect(worker.post(CHAT, HI.formatted("")), 500, "generation_failed");
      expect(worker.post(CHAT, HI.formatted(",\"stream\":true")), 500, "generation_failed");

      worker.lm.failing(false);
      assertThat(worker.post(CHAT, HI.formatted("")).statusCode()).isEqualTo(200);
    }
  }

  /** Bodies damaged in every way: always an answer, and where it is an error a proper one. */
  @Test
  void answersDamagedBodiesWithAnErrorInOpenAisShape() throws Exception {
    String good =
        HI.formatted(
            ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":"
                + "{\"type\":\"object\"}}}],\"stop\":[\"x\"],\"logit_bias\":{\"5\":1},\"max_tokens\":4,"
                + "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\","
                + "\"schema\":{\"type\":\"string\"}}},\"temperature\":0.5,\"stream\":false");
    String[] spare = {
      "null",
      "[]",
      "{}",
      "-1",
      "1e999",
      "\"\\ud800\"",
      "true",
      "\"",
      "\\",
      "[[",
      "}",
      ",",
      ":",
      "9".repeat(120)
    };
    var random = new Random(7);
    try (var worker = TestWorker.start()) {
      int refused = 0;
      for (int i = 0; i < 1500; i++) {
        String path = i % 3 == 0 ? "/v1/completions" : i % 7 == 0 ? "/tokenize" : CHAT;
        HttpResponse<String> response = worker.post(path, damage(good, spare, random));

        assertThat(response.statusCode()).as(response.body()).isIn(200, 400, 404);
        if (response.statusCode() != 200) {
          refused++;
          JsonNode message = TestWorker.error(response).get("message");
          assertThat(message.stringValue()).isNotBlank();
        }
      }
      assertThat(refused).isGreaterThan(700);
      assertThat(worker.engine.stats().failed()).isZero();
    }
  }

  private static String damage(String good, String[] spare, Random random) {
    var body = new StringBuilder(good);
    int damages = 1 + random.nextInt(3);
    for (int d = 0; d < damages && !body.isEmpty(); d++) {
      int from = random.nextInt(body.length());
      int to = Math.min(body.length(), from + random.nextInt(12));
      switch (random.nextInt(4)) {
        case 0 -> body.delete(from, to);
        case 1 -> body.replace(from, to, spare[random.nextInt(spare.length)]);
        case 2 -> body.setCharAt(from, (char) random.nextInt(0xD800));
        default -> replaceValue(body, spare, random);
      }
    }
    return body.toString();
  }

  /** Puts another value where a value stood, so that the JSON stays whole and the types do not. */
  private static void replaceValue(StringBuilder body, String[] spare, Random random) {
    int colon = body.indexOf(":", random.nextInt(body.length()));
    int end = colon < 0 ? -1 : body.indexOf(",", colon);
    if (end > 0) {
      body.replace(colon + 1, end, spare[random.nextInt(7)]);
    }
  }

  @Test
  void refusesNestingBeyondItsLimit() throws Exception {
    try (var worker = TestWorker.start()) {
      String deep = "[".repeat(100_000) + "]".repeat(100_000);

      expect(worker.post(CHAT, HI.formatted(",\"x\":" + deep)), 400, "invalid_value", "JSON");
    }
  }
}
