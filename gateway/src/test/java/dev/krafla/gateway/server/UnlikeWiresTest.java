package dev.krafla.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.wire.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** A client of one wire before a provider of another. */
class UnlikeWiresTest {
  private static final String CHAT =
      "{\"model\":\"small\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]%s}";
  private static final String RESPONSES = "{\"model\":\"small\",\"input\":\"Hi\"%s}";
  private static final String MESSAGE =
      """
      {"id":"msg_1","type":"message","role":"assistant","model":"big","stop_reason":"end_turn",\
      "content":[{"type":"text","text":"Hello."}],\
      "usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":3}}\
      """;
  private static final String MESSAGE_EVENTS =
      """
      event: message_start
      data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",\
      "model":"big","content":[],"usage":{"input_tokens":7,"output_tokens":1}}}

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello."}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}

      event: message_stop
      data: {"type":"message_stop"}

      """;
  private static final String CHAT_EVENTS =
      "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"big\","
          + "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hello.\"},\"finish_reason\":null}]}\n\n"
          + "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"big\","
          + "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
          + "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"big\","
          + "\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n\n"
          + FakeProvider.DONE;
  private FakeProvider provider;

  @BeforeEach
  void start() throws IOException {
    provider = new FakeProvider();
  }

  @AfterEach
  void stop() throws IOException {
    provider.close();
  }

  private TestGateway gateway(String kind) {
    return TestGateway.of(
        """
        providers:
          p: {kind: %s, url: 'http://127.0.0.1:%d/v1', key: env:P}
        models:
          small: p/big
        """
            .formatted(kind, provider.port()));
  }

  private void streams(String events) {
    provider.answers((_, out) -> {
      out.write(FakeProvider.streamHead());
      out.write(FakeProvider.chunk(events));
      out.write(FakeProvider.lastChunk());
    });
  }

  @Test
  void aChatClientIsAnsweredByAnAnthropicProvider() {
    provider.answers((_, out) -> out.write(FakeProvider.json(200, MESSAGE)));
    try (var gateway = gateway("anthropic")) {
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT.formatted(""));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      ObjectNode body = Json.parseObject(answer.body());
      assertThat(body.path("choices").path(0).path("message").path("content").stringValue())
          .isEqualTo("Hello.");
      assertThat(body.path("model").stringValue()).isEqualTo("small");
      FakeProvider.Request sent = provider.requests.getFirst();
      assertThat(sent.line()).isEqualTo("POST /v1/messages HTTP/1.1");
      assertThat(sent.headers()).containsEntry("x-api-key", "secret-of-P");
      assertThat(sent.headers()).containsKey("anthropic-version");
      assertThat(Json.parseObject(sent.body()).path("model").stringValue()).isEqualTo("big");
      assertThat(gateway.gatekeeper.settled)
          .singleElement()
          .matches(s -> s.promptTokens() == 7 && s.cachedTokens() == 4);
    }
  }

  @Test
  void aMessagesClientIsAnsweredByAChatProvider() {
    try (var gateway = gateway("openai")) {
      HttpResponse<String> answer = gateway.post("/v1/messages", CHAT.formatted(""));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      ObjectNode body = Json.parseObject(answer.body());
      assertThat(body.path("content").path(0).path("text").stringValue()).isEqualTo("Hello.");
      assertThat(provider.requests.getFirst().line())
          .isEqualTo("POST /v1/chat/completions HTTP/1.1");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "anthropic, /v1/chat/completions, data: [DONE]",
    "anthropic, /v1/responses, response.completed",
    "deepseek, /v1/messages, message_stop",
    "deepseek, /v1/responses, response.completed"
  })
  void streamsAreTranslatedEventByEvent(String kind, String path, String last) {
    streams(kind.equals("anthropic") ? MESSAGE_EVENTS : CHAT_EVENTS);
    String ask = path.endsWith("responses") ? RESPONSES : CHAT;
    try (var gateway = gateway(kind)) {
      HttpResponse<String> answer = gateway.post(path, ask.formatted(",\"stream\":true"));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.body()).contains("Hello.", last).doesNotContain("\"error\":{");
      assertThat(gateway.gatekeeper.settled)
          .singleElement()
          .matches(s -> s.promptTokens() == 7 && s.completionTokens() == 3);
    }
  }

  @Test
  void aTranslatedStreamThatIsCutEndsWithAnErrorOfTheClientsWire() {
    streams(MESSAGE_EVENTS.substring(0, MESSAGE_EVENTS.indexOf("event: content_block_stop")));
    try (var gateway = gateway("anthropic")) {
      String body = gateway.post("/v1/chat/completions", CHAT.formatted(",\"stream\":true")).body();
      assertThat(body).contains("Hello.", "\"error\":{\"message\":\"p/big broke off");
    }
  }

  @Test
  void whatTheProvidersWireCannotSayIsRefusedByName() {
    try (var gateway = gateway("anthropic")) {
      HttpResponse<String> answer =
          gateway.post("/v1/chat/completions", CHAT.formatted(",\"logprobs\":true"));
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("'logprobs'", "unsupported_parameter");
      assertThat(gateway.gatekeeper.givenBack).hasValue(1);
      HttpResponse<String> embeddings = gateway.post("/v1/embeddings", "{\"model\":\"small\"}");
      assertThat(embeddings.statusCode()).isEqualTo(400);
      assertThat(embeddings.body()).contains("/v1/embeddings");
    }
  }

  @Test
  void anErrorOfTheProviderTakesTheClientsShape() {
    String error =
        "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"no such tool\"}}";
    provider.answers((_, out) -> out.write(FakeProvider.json(400, error)));
    try (var gateway = gateway("anthropic")) {
      HttpResponse<String> answer = gateway.post("/v1/chat/completions", CHAT.formatted(""));
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).startsWith("{\"error\":{\"message\":\"no such tool\"");
    }
  }
}
