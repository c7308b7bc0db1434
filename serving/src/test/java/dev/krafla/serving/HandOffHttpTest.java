package dev.krafla.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.transfer.TransferConfig;
import dev.krafla.engine.transfer.TransferRole;
import dev.krafla.wire.Json;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code kv_transfer_params} between two workers, as vLLM's router sends them. */
class HandOffHttpTest {
  private static final String PREFILL_PARAMS =
      """
      {"do_remote_decode":true,"do_remote_prefill":false,"remote_engine_id":null,
       "remote_block_ids":null,"remote_host":null,"remote_port":null}
      """;

  private static TestWorker worker(TransferRole role) {
    return TestWorker.start(TestWorker.small().withTransfer(TransferConfig.of(role)));
  }

  private static ObjectNode body(String path) {
    ObjectNode body = Json.object().put("model", TestWorker.MODEL).put("temperature", 0);
    if (path.endsWith("chat/completions")) {
      body.putArray("messages").addObject().put("role", "user").put("content", "Hi ".repeat(40));
    } else {
      body.put("prompt", "Hi ".repeat(40));
    }
    return body.put("max_tokens", 8);
  }

  private static ObjectNode prefillBody(ObjectNode body) {
    ObjectNode own = body.deepCopy();
    own.put("stream", false).put("max_tokens", 1);
    own.set("kv_transfer_params", Json.parseObject(PREFILL_PARAMS));
    return own;
  }

  private static ObjectNode ok(TestWorker worker, String path, ObjectNode body) throws Exception {
    HttpResponse<String> response = worker.post(path, Json.write(body));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Json.parseObject(response.body());
  }

  @ParameterizedTest
  @CsvSource({"/v1/completions", "/v1/chat/completions"})
  void oneWorkerComputesThePromptAndAnotherAnswers(String path) throws Exception {
    try (var prefill = worker(TransferRole.PREFILL);
        var decode = worker(TransferRole.DECODE);
        var alone = TestWorker.start()) {
      ObjectNode body = body(path);
      JsonNode params = ok(prefill, path, prefillBody(body)).get("kv_transfer_params");
      assertThat(params.get("do_remote_prefill").booleanValue()).isTrue();
      assertThat(params.get("do_remote_decode").booleanValue()).isFalse();
      assertThat(params.get("remote_block_ids").size()).isPositive();
      assertThat(params.get("remote_host").stringValue()).isEqualTo("127.0.0.1");
      assertThat(params.get("tp_size").intValue()).isOne();

      ObjectNode forDecode = body.deepCopy();
      forDecode.set("kv_transfer_params", params);
      ObjectNode answer = ok(decode, path, forDecode);

      assertThat(answer.get("choices")).isEqualTo(ok(alone, path, body).get("choices"));
      assertThat(answer.get("usage").get("prompt_tokens_details").get("cached_tokens"))
          .isEqualTo(answer.get("usage").get("prompt_tokens"));
      assertThat(decode.engine.stats().handOffs().pulling().pulled()).isOne();
      prefill.await(stats -> stats.usedBlocks() == 0);
      assertThat(decode.get("/metrics").body()).contains("krafla_kv_pulled_total{").contains("1.0");
      assertThat(prefill.get("/metrics").body())
          .contains("krafla_kv_lent_total")
          .containsPattern("krafla_kv_leases_ended_total\\{.*reason=\"acknowledged\"} 1.0")
          .containsPattern("krafla_kv_leases_open\\{.*} 0.0");
    }
  }

  @Test
  void withoutAnyTransferAWorkerAnswersWhatOthersHaveComputedAllTheSame() throws Exception {
    try (var prefill = worker(TransferRole.PREFILL);
        var alone = TestWorker.start()) {
      String path = "/v1/completions";
      ObjectNode body = body(path);
      ObjectNode forDecode = body.deepCopy();
      forDecode.set(
          "kv_transfer_params", ok(prefill, path, prefillBody(body)).get("kv_transfer_params"));
      assertThat(ok(alone, path, forDecode).get("choices"))
          .isEqualTo(ok(alone, path, body).get("choices"));
    }
  }

  @Test
  void anAnswerOfOneTokenIsNotStreamed() throws Exception {
    try (var prefill = worker(TransferRole.PREFILL)) {
      ObjectNode body = prefillBody(body("/v1/completions")).put("stream", true);
      HttpResponse<String> response = prefill.post("/v1/completions", Json.write(body));
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(TestWorker.error(response).get("param").stringValue()).isEqualTo("stream");
    }
  }
}
