package dev.krafla.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.wire.anthropic.AnthropicWire;
import dev.krafla.wire.anthropic.MessagesDialect;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.GenerationResult;
import dev.krafla.wire.generation.Wire;
import dev.krafla.wire.generation.Written;
import dev.krafla.wire.openai.ChatDialect;
import dev.krafla.wire.openai.ChatWire;
import dev.krafla.wire.responses.Conversation;
import dev.krafla.wire.responses.ResponseStore;
import dev.krafla.wire.responses.ResponsesWire;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Where wires differ in more than words. */
class WireDetailsTest {
  private static final Wire CHAT = new ChatWire();
  private static final Wire MESSAGES = new AnthropicWire();
  private static final Wire RESPONSES = new ResponsesWire();

  private static GenerationRequest chat(String members) {
    return CHAT.parseRequest(
        Json.parseObject(
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}"
                .formatted(members.isEmpty() ? "" : "," + members)));
  }

  private static GenerationRequest messages(String turns) {
    return MESSAGES.parseRequest(
        Json.parseObject(
            "{\"model\":\"m\",\"max_tokens\":4000,\"messages\":[%s]}".formatted(turns)));
  }

  // ---- reasoning ------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'reasoning_effort':'none'            | {'reasoning_effort':'none'}",
        "'reasoning':{'effort':'low'}         | {'reasoning_effort':'low'}",
        "'reasoning':{'max_tokens':2000}      | {'reasoning_effort':'low'}",
        "'thinking':{'type':'disabled'}       | {'reasoning_effort':'none'}",
        "'thinking':{'type':'enabled','budget_tokens':9000} | {'reasoning_effort':'high'}",
        "'enable_thinking':false              | {'reasoning_effort':'none'}",
        "'enable_thinking':true,'thinking_budget':500 | {'reasoning_effort':'minimal'}",
      })
  void everySpellingOfReasoningIsRead(String asked, String openAi) {
    JsonNode body = CHAT.writeRequest(chat(asked.replace('\'', '"'))).body();
    Json.parseObject(openAi.replace('\'', '"'))
        .properties()
        .forEach(e -> assertThat(body.path(e.getKey())).isEqualTo(e.getValue()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "TYPE         | none | {'thinking':{'type':'disabled'}}",
        "TYPE         | high | {'thinking':{'type':'enabled'}}",
        "TYPE_OR_AUTO | high | {'thinking':{'type':'enabled'},'reasoning_effort':'high'}",
        "ENABLE       | none | {'enable_thinking':false}",
        "ENABLE       | low  | {'enable_thinking':true,'thinking_budget':2048}",
        "OBJECT       | low  | {'reasoning':{'effort':'low'}}",
        "OBJECT       | none | {'reasoning':{'enabled':false}}",
        "TEMPLATE     | none | {'chat_template_kwargs':{'enable_thinking':false}}",
        "TEMPLATE     | high | {'chat_template_kwargs':{'enable_thinking':true},'reasoning_effort':'high'}",
      })
  void reasoningIsWrittenAsTheDialectSpellsIt(
      ChatDialect.Thinking dialect, String effort, String expected) {
    var wire = new ChatWire(ChatDialect.COMPATIBLE.thinkingBy(dialect));
    ObjectNode body =
        wire.writeRequest(chat("\"reasoning_effort\":\"%s\"".formatted(effort))).body();
    body.remove("model");
    body.remove("messages");
    assertThat(body).isEqualTo(Json.parseObject(expected.replace('\'', '"')));
  }

  @Test
  void olderMessagesTakeABudgetBelowTheLimit() {
    var wire = new AnthropicWire(MessagesDialect.BUDGET);
    Written high = wire.writeRequest(chat("\"reasoning_effort\":\"high\",\"max_tokens\":4000"));
    assertThat(high.body().path("thinking").toString())
        .isEqualTo("{\"type\":\"enabled\",\"budget_tokens\":2000}");
    assertThatThrownBy(
            () -> wire.writeRequest(chat("\"reasoning_effort\":\"high\",\"max_tokens\":500")))
        .isInstanceOf(Unsupported.class)
        .hasMessageContaining("max_tokens")
        .hasMessageContaining("500");
  }

  // ---- what a wire cannot say -----------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'seed':7                                 | seed",
        "'temperature':1.5                        | temperature",
        "'presence_penalty':0.5                   | presence_penalty",
        "'logit_bias':{'1':5}                     | logit_bias",
        "'n':2                                    | n",
        "'response_format':{'type':'json_object'} | response_format: json_object",
        "'tools':[{'type':'custom','custom':{'name':'x'}}] | tools: custom",
      })
  void whatMessagesCannotSayIsRefusedByName(String asked, String name) {
    GenerationRequest request = chat(asked.replace('\'', '"'));
    assertThatThrownBy(() -> MESSAGES.writeRequest(request))
        .isInstanceOfSatisfying(Unsupported.class, e -> assertThat(e.param()).isEqualTo(name));
  }

  @Test
  void whatChangesNoAnswerIsLeftOutAndNamed() {
    GenerationRequest request =
        chat("\"metadata\":{\"a\":\"b\"},\"prompt_cache_key\":\"k\",\"service_tier\":\"flex\"");
    assertThat(MESSAGES.writeRequest(request).omitted())
        .containsExactlyInAnyOrder("metadata", "prompt_cache_key", "service_tier");
    assertThat(RESPONSES.writeRequest(request).omitted()).containsExactly("prompt_cache_key");
    assertThat(CHAT.writeRequest(request).omitted()).isEmpty();
  }

  @Test
  void imagesInResultsAreRefusedWhereResultsAreText() {
    GenerationRequest request =
        messages(
            """
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":[
              {"type":"image","source":{"type":"url","url":"https://a/b.png"}}]}]}
            """);
    assertThatThrownBy(() -> CHAT.writeRequest(request))
        .isInstanceOf(Unsupported.class)
        .hasMessageContaining("an image in a tool's result");
    assertThat(Json.write(RESPONSES.writeRequest(request).body()))
        .contains("\"image_url\":\"https://a/b.png\"");
  }

  // ---- messages -------------------------------------------------------------------------------

  @Test
  void aFailedCallSaysSoInWordsWhereThereIsNoFlag() {
    GenerationRequest request =
        messages(
            """
            {"role":"user","content":[{"type":"text","text":"and?"},
              {"type":"tool_result","tool_use_id":"c","is_error":true,"content":"no such city"}]}
            """);
    JsonNode turns = CHAT.writeRequest(request).body().path("messages");
    assertThat(turns.get(0).toString())
        .isEqualTo(
            "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"Error: no such city\"}");
    assertThat(turns.get(1).path("content").asString()).isEqualTo("and?");
  }

  @Test
  void turnsOfOneRoleBecomeOneMessage() {
    GenerationRequest request =
        CHAT.parseRequest(
            Json.parseObject(
                """
                {"model":"m","messages":[
                  {"role":"user","content":"a"},
                  {"role":"assistant","tool_calls":[
                    {"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},
                    {"id":"2","type":"function","function":{"name":"f","arguments":""}}]},
                  {"role":"tool","tool_call_id":"1","content":"x"},
                  {"role":"tool","tool_call_id":"2","content":"y"},
                  {"role":"user","content":"b"}]}
                """));
    JsonNode turns = MESSAGES.writeRequest(request).body().path("messages");
    assertThat(turns.size()).isEqualTo(3);
    assertThat(turns.get(2).path("content").size()).isEqualTo(3);
  }

  @Test
  void argumentsThatAreNoObjectCannotBecomeMessages() {
    GenerationResult answer =
        CHAT.parseResult(
            Json.parseObject(
                """
                {"choices":[{"message":{"role":"assistant","tool_calls":[
                  {"id":"1","type":"function","function":{"name":"f","arguments":"{\\"a\\":"}}]},
                  "finish_reason":"tool_calls"}]}
                """));
    assertThatThrownBy(() -> MESSAGES.writeResult(answer, chat("")))
        .isInstanceOf(InvalidBody.class)
        .hasMessageContaining("'f'");
  }

  @Test
  void cachePointsStayWhereTheyWere() {
    GenerationRequest request =
        messages(
            """
            {"role":"user","content":[
              {"type":"text","text":"long","cache_control":{"type":"ephemeral","ttl":"1h"}},
              {"type":"text","text":"short"}]}
            """);
    JsonNode content =
        MESSAGES.writeRequest(request).body().path("messages").get(0).path("content");
    assertThat(content.get(0).path("cache_control").path("ttl").asString()).isEqualTo("1h");
    assertThat(content.get(1).has("cache_control")).isFalse();
    assertThat(CHAT.writeRequest(request).omitted()).containsExactly("cache_control");
  }

  // ---- responses ------------------------------------------------------------------------------

  /** Keeps answers in memory. */
  private static final class Memory implements ResponseStore {
    private final Map<String, Stored> kept = new HashMap<>();

    @Override
    public Optional<Stored> find(String id) {
      return Optional.ofNullable(kept.get(id));
    }

    @Override
    public void save(Stored stored) {
      kept.put(stored.id(), stored);
    }
  }

  @Test
  void aStoredAnswerIsGoneOnFrom() {
    var memory = new Memory();
    var conversation = new Conversation(memory);
    ObjectNode first =
        conversation.complete(Json.parseObject("{\"model\":\"m\",\"input\":\"one\"}"));
    GenerationResult answer =
        CHAT.parseResult(
            Json.parseObject(
                """
                {"id":"chatcmpl-9","choices":[{"message":{"role":"assistant","content":"two"},
                 "finish_reason":"stop"}]}
                """));
    ObjectNode shown = RESPONSES.writeResult(answer, RESPONSES.parseRequest(first));
    conversation.keep(first, shown);

    ObjectNode second =
        conversation.complete(
            Json.parseObject(
                "{\"model\":\"m\",\"input\":\"three\",\"previous_response_id\":\"%s\"}"
                    .formatted(shown.path("id").asString())));

    GenerationRequest asked = RESPONSES.parseRequest(second);
    Written written = CHAT.writeRequest(asked);
    assertThat(Json.write(written.body().path("messages")))
        .isEqualTo(
            "[{\"role\":\"user\",\"content\":\"one\"},{\"role\":\"assistant\",\"content\":\"two\"},"
                + "{\"role\":\"user\",\"content\":\"three\"}]");
    assertThat(written.omitted()).isEmpty();
    assertThat(RESPONSES.writeResult(answer, asked).path("previous_response_id").asString())
        .isEqualTo(shown.path("id").asString());
    assertThat(Json.write(RESPONSES.writeRequest(asked).body())).doesNotContain("krafla");
  }

  @Test
  void anAnswerThatWasNotStoredIsNotFound() {
    var memory = new Memory();
    var conversation = new Conversation(memory);
    ObjectNode request = Json.parseObject("{\"model\":\"m\",\"input\":\"one\",\"store\":false}");
    conversation.keep(request, Json.parseObject("{\"id\":\"resp_1\",\"output\":[]}"));
    assertThatThrownBy(() ->
            conversation.complete(
                Json.parseObject(
                    "{\"model\":\"m\",\"input\":\"x\",\"previous_response_id\":\"resp_1\"}")))
        .isInstanceOf(InvalidBody.class)
        .hasMessageContaining("resp_1");
    assertThatThrownBy(() ->
            CHAT.writeRequest(
                RESPONSES.parseRequest(
                    Json.parseObject(
                        "{\"model\":\"m\",\"input\":\"x\",\"previous_response_id\":\"r\"}"))))
        .isInstanceOf(Unsupported.class)
        .hasMessageContaining("previous_response_id");
  }
}
