package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.models.ModelInfo.Pooling;
import dev.krafla.wire.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class CompletionHttpTest {
  private final TestWorker worker = TestWorker.start();

  @AfterEach
  void stop() {
    worker.close();
  }

  private ObjectNode post(String path, String body) throws Exception {
    var response = worker.post(path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Json.parseObject(response.body());
  }

  private static String text(JsonNode body, int choice) {
    return body.get("choices").get(choice).get("text").stringValue();
  }

  @Test
  void continuesAStringWithTheSpecialFirstTokenOfTheModel() throws Exception {
    ObjectNode body = post("/v1/completions", "{\"prompt\":\"abc\",\"max_tokens\":3,\"seed\":1}");

    assertThat(text(body, 0)).isEqualTo("efg"); // place 4 is the fifth letter's
    assertThat(body.get("usage").get("prompt_tokens").intValue()).isEqualTo(4);
    assertThat(body.get("object").stringValue()).isEqualTo("text_completion");
  }

  @Test
  void takesTokenIdsAsTheyAre() throws Exception {
    ObjectNode body = post("/v1/completions", "{\"prompt\":[97,98,99],\"max_tokens\":3}");

    assertThat(text(body, 0)).isEqualTo("def");
    assertThat(worker.post("/v1/completions", "{\"prompt\":[97,9999]}").body())
        .contains("9999", "vocabulary");
  }

  @Test
  void answersSeveralPromptsEachSoManyTimes() throws Exception {
    ObjectNode body =
        post(
            "/v1/completions",
            "{\"prompt\":[\"ab\",\"abcd\"],\"n\":2,\"max_tokens\":2,\"echo\":true}");

    assertThat(body.get("choices")).hasSize(4);
    assertThat(text(body, 0)).isEqualTo("abde");
    assertThat(text(body, 1)).isEqualTo("abde");
    assertThat(text(body, 3)).isEqualTo("abcdfg");
    assertThat(body.get("usage").get("completion_tokens").intValue()).isEqualTo(8);
  }

  @Test
  void streamsSeveralPromptsAtOnce() throws Exception {
    String body =
        worker
            .post(
                "/v1/completions",
                "{\"prompt\":[\"ab\",\"abcd\"],\"max_tokens\":3,\"stream\":true,"
                    + "\"stream_options\":{\"include_usage\":true}}")
            .body();

    var texts = new StringBuilder[] {new StringBuilder(), new StringBuilder()};
    for (String line : body.lines().filter(l -> l.startsWith("data: {")).toList()) {
      for (JsonNode choice : Json.parseObject(line.substring(6)).get("choices")) {
        texts[choice.get("index").intValue()].append(choice.get("text").stringValue());
      }
    }
    assertThat(texts[0].toString()).isEqualTo("def");
    assertThat(texts[1].toString()).isEqualTo("fgh");
    assertThat(body).contains("\"completion_tokens\":6").endsWith("data: [DONE]\n\n");
  }

  @Test
  void givesLogprobsInTheOlderForm() throws Exception {
    ObjectNode body =
        post("/v1/completions", "{\"prompt\":\"abc\",\"max_tokens\":3,\"logprobs\":2}");

    JsonNode logprobs = body.get("choices").get(0).get("logprobs");
    assertThat(logprobs.get("tokens")).hasSize(3);
    assertThat(logprobs.get("text_offset").get(2).intValue()).isEqualTo(2);
    assertThat(logprobs.get("top_logprobs").get(0)).hasSize(2);
  }

  @Test
  void tokenizesAndBack() throws Exception {
    ObjectNode vllm = post("/tokenize", "{\"prompt\":\"aé\"}");
    ObjectNode llamaCpp = post("/tokenize", "{\"content\":\"aé\"}");
    ObjectNode chat = post("/tokenize", "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");

    assertThat(Json.write(vllm.get("tokens"))).isEqualTo("[258,97,195,169]");
    assertThat(vllm.get("count").intValue()).isEqualTo(4);
    assertThat(Json.write(llamaCpp.get("tokens"))).isEqualTo("[97,195,169]");
    assertThat(chat.get("count").intValue()).isEqualTo("<user: a>\n<".length());
    ObjectNode text = post("/detokenize", "{\"tokens\":[97,195,169]}");
    assertThat(text.get("content").stringValue()).isEqualTo("aé");
    assertThat(text.get("prompt").stringValue()).isEqualTo("aé");
  }

  @Test
  void embedsInputsWithAModelThatIsMadeForIt() throws Exception {
    try (var embedder = TestWorker.start(new ScriptedLm(2048, Pooling.LAST))) {
      ObjectNode body =
          Json.parseObject(
              embedder.post("/v1/embeddings", "{\"input\":[\"Hi\",\"there\"]}").body());
      ObjectNode packed =
          Json.parseObject(
              embedder
                  .post("/v1/embeddings", "{\"input\":\"Hi\",\"encoding_format\":\"base64\"}")
                  .body());

      JsonNode vector = body.get("data").get(0).get("embedding");
      assertThat(body.get("data")).hasSize(2);
      assertThat(vector).hasSize(4);
      byte[] bytes =
          Base64.getDecoder().decode(packed.get("data").get(0).get("embedding").stringValue());
      float first = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat();
      assertThat(first).isEqualTo(vector.get(0).floatValue());
    }
  }
}
