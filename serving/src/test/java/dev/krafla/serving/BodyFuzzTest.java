package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.models.ChatTemplate;
import dev.krafla.models.ChatTemplates;
import dev.krafla.models.ModelInfo.Pooling;
import dev.krafla.testing.Damage;
import dev.krafla.testing.DamagedJson;
import dev.krafla.testing.Fuzz;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Damaged bodies on every route: an answer, or an error in OpenAI's shape that names the field. */
class BodyFuzzTest {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final int MAX_MESSAGE = 2000;
  private static final List<String> PARTS =
      List.of("{", "}", "[", "]", ",", ":", "\"", "\\", "null", "1e999", "-0", "\\ud800", "\u0000");
  private static final Path TEMPLATE =
      Path.of("../models/src/test/resources/golden/templates/qwen3.jinja");

  private static final String CHAT =
      """
      {"model": "scripted", "max_tokens": 6, "n": 2, "seed": 5, "temperature": 0.7, "top_p": 0.9,
       "top_k": 40, "min_p": 0.01, "typical_p": 0.95, "repetition_penalty": 1.1,
       "frequency_penalty": 0.1, "presence_penalty": -0.1, "logit_bias": {"65": 3.5}, "stop": ["x"],
       "logprobs": true, "top_logprobs": 3, "user": "u", "cache_salt": "s", "stream": false,
       "parallel_tool_calls": false, "chat_template_kwargs": {"enable_thinking": false},
       "messages": [
         {"role": "system", "content": "Be brief."},
         {"role": "user", "content": [{"type": "text", "text": "Hi"}], "name": "someone"},
         {"role": "assistant", "content": null, "tool_calls": [
           {"id": "call_1", "type": "function",
            "function": {"name": "look", "arguments": "{\\"at\\": [1, 2.5]}"}}]},
         {"role": "tool", "tool_call_id": "call_1", "content": "rain"}],
       "tools": [{"type": "function", "function": {"name": "look", "description": "Looks.",
         "parameters": {"type": "object", "properties": {"at": {"type": "array",
           "items": {"type": "number"}}}, "required": ["at"]}}}],
       "tool_choice": "auto"}\
      """;

  private static final String STRUCTURED =
      """
      {"max_tokens": 8, "stream": true, "stream_options": {"include_usage": true},
       "messages": [{"role": "user", "content": "Hi"}],
       "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "strict": true,
         "schema": {"type": "object", "additionalProperties": false,
           "properties": {"a": {"type": "integer", "minimum": 0, "maximum": 99},
             "b": {"enum": ["x", 1, null]}, "c": {"anyOf": [{"type": "string",
             "pattern": "^[a-z]+$"}, {"$ref": "#/$defs/d"}]}},
           "required": ["a", "b"], "$defs": {"d": {"type": "array", "items": {"type": "boolean"},
             "minItems": 1, "maxItems": 3}}}}}}\
      """;

  private static final String NAMED =
      """
      {"max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}],
       "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object",
         "properties": {"at": {"const": 3}}, "required": ["at"]}}}],
       "tool_choice": {"type": "function", "function": {"name": "look"}}}\
      """;

  private static final String COMPLETION =
      """
      {"model": "scripted", "prompt": ["Once", "Twice"], "max_tokens": 5, "echo": true, "n": 1,
       "stop": "q", "suffix": "", "best_of": 1, "temperature": 0, "ignore_eos": true,
       "structured_outputs": {"regex": "(a|b){2,5}c?[^\\\\d\\\\s]*"}}\
      """;

  private static final String TOKENS =
      """
      {"prompt": [[65, 66, 258], [67]], "max_tokens": 3, "logprobs": 2, "stream": true,
       "guided_choice": ["yes", "no"]}\
      """;

  private static final String EMBEDDING =
      """
      {"model": "scripted", "input": ["one", "two"], "encoding_format": "base64", "user": "u"}\
      """;

  private final TestWorker worker =
      TestWorker.start(new ScriptedLm(1000, Pooling.MEAN), template());

  private static ChatTemplate template() {
    try {
      return ChatTemplates.compile(Files.readString(TEMPLATE), "", "<|end|>");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  private static String good(String name) {
    return switch (name) {
      case "chat" -> CHAT;
      case "structured" -> STRUCTURED;
      case "named" -> NAMED;
      case "completion" -> COMPLETION;
      case "tokens" -> TOKENS;
      case "embedding" -> EMBEDDING;
      case "conversation" -> CHAT.replace("\"model\": \"scripted\",", "");
      case "text" ->
          "{\"content\": \"Hi\", \"add_special\": true, \"parse_special\": false, \"model\": \"\"}";
      case "ids" -> "{\"tokens\": [72, 105, 256, 0]}";
      default -> throw new IllegalArgumentException(name);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, chat",
    "/v1/chat/completions, structured",
    "/v1/chat/completions, named",
    "/v1/completions, completion",
    "/v1/completions, tokens",
    "/v1/embeddings, embedding",
    "/tokenize, conversation",
    "/tokenize, text",
    "/detokenize, ids",
  })
  void aDamagedBodyGivesAnAnswerOrAClearError(String path, String name) throws Exception {
    String good = good(name);
    HttpResponse<String> whole = worker.post(path, good);
    assertThat(whole.statusCode()).as(whole.body()).isEqualTo(200);

    Fuzz.check(2000, LIMIT, random -> isAnswered(path, damaged(good, random)));

    assertThat(worker.post(path, good).statusCode()).isEqualTo(200);
    worker.await(s -> s.usedBlocks() == 0 && s.running() + s.waiting() == 0);
    assertThat(worker.engine.stats().failed()).isZero();
  }

  private static byte[] damaged(String good, SplittableRandom random) {
    byte[] utf8 = good.getBytes(StandardCharsets.UTF_8);
    return switch (random.nextInt(6)) {
      case 0 -> Damage.bytes(utf8, utf8.length, random); // invalid UTF-8, NULs
      case 1 -> Damage.text(good, PARTS, random).getBytes(StandardCharsets.UTF_8);
      default -> DamagedJson.of(good, random).getBytes(StandardCharsets.UTF_8);
    };
  }

  private boolean isAnswered(String path, byte[] body) throws IOException, InterruptedException {
    HttpResponse<String> response = worker.post(path, body);
    String shown = new String(body, StandardCharsets.UTF_8) + "\n" + response.body();
    if (response.statusCode() == 200) {
      checkAnswer(response.body(), shown);
      return true;
    }
    assertThat(response.statusCode()).as(shown).isIn(400, 404);
    ObjectNode error = TestWorker.error(response);
    String message = error.get("message").stringValue();
    assertThat(message).as(shown).isNotBlank().hasSizeLessThan(MAX_MESSAGE);
    assertThat(error.get("type").stringValue()).isEqualTo("invalid_request_error");
    assertThat(error.get("code").stringValue()).isNotBlank();
    if (!message.contains("JSON")) { // what is wrong with the body as a whole has no name
      assertThat(error.get("param").isString()).as(shown).isTrue();
    }
    return false;
  }

  /** A JSON object, or events of which the last ends the stream and none is an error. */
  private static void checkAnswer(String body, String shown) {
    if (body.startsWith("data:")) {
      assertThat(body).as(shown).endsWith("data: [DONE]\n\n").doesNotContain("\"error\":");
    } else {
      assertThat(Json.parseObject(body).isEmpty()).isFalse();
    }
  }

  @Test
  void aBodyThatIsNoObjectIsRefusedOnEveryRoute() throws Exception {
    List<String> paths =
        List.of(
            "/v1/chat/completions",
            "/v1/completions",
            "/v1/embeddings",
            "/tokenize",
            "/detokenize");
    for (String path : paths) {
      for (String body : List.of("", " ", "null", "[]", "5", "\"{}\"", "{}{}", "\ufeff{}", "{")) {
        HttpResponse<String> response = worker.post(path, body);
        assertThat(response.statusCode()).as(path + body + response.body()).isEqualTo(400);
        assertThat(TestWorker.error(response).get("message").stringValue()).isNotBlank();
      }
    }
  }
}
