package dev.krafla.wire;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A whole answer to a chat request.
 *
 * @param created seconds since 1970
 * @param kvTransfer for the worker that goes on, where another does
 */
public record ChatCompletion(
    String id,
    long created,
    String model,
    List<Choice> choices,
    TokenUsage usage,
    Optional<KvTransferParams> kvTransfer) {
  public ChatCompletion {
    choices = List.copyOf(choices);
  }

  /**
   * One answer.
   *
   * @param finishReason stop, length or tool_calls
   */
  public record Choice(
      int index, ChatMessage message, String finishReason, Optional<List<ChatLogprob>> logprobs) {}

  /** The first answer's text; empty when it has none. */
  public String text() {
    return choices.isEmpty() ? "" : choices.getFirst().message().content().orElse("");
  }

  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("id", id).put("object", "chat.completion").put("created", created).put("model", model);
    ArrayNode array = json.putArray("choices");
    for (Choice c : choices) {
      ObjectNode choice = array.addObject();
      choice.put("index", c.index);
      ObjectNode message = c.message.toJson();
      message.putNull("refusal");
      // vLLM's newer name of the same field
      c.message.reasoning().ifPresent(r -> message.put("reasoning", r));
      choice.set("message", message);
      if (c.logprobs.isPresent()) {
        choice.set("logprobs", ChatLogprob.toJson(c.logprobs.get()));
      } else {
        choice.putNull("logprobs");
      }
      choice.put("finish_reason", c.finishReason);
    }
    json.set("usage", usage.toJson());
    kvTransfer.ifPresent(k -> json.set("kv_transfer_params", k.toJson()));
    return json;
  }

  /** Reads the answer of any OpenAI-compatible server. */
  static ChatCompletion parse(ObjectNode json) {
    Fields body = Fields.of(json);
    return new ChatCompletion(
        body.string("id").orElse(""),
        body.longInteger("created").orElse(0),
        body.string("model").orElse(""),
        body.objects("choices").stream().map(ChatCompletion::choice).toList(),
        TokenUsage.parse(body).orElse(new TokenUsage(0, 0, 0)),
        KvTransferParams.parse(body));
  }

  private static Choice choice(Fields choice) {
    return new Choice(
        choice.integer("index").orElse(0),
        ChatMessage.parse(choice.requireObject("message")),
        choice.string("finish_reason").orElse(""),
        ChatLogprob.parse(choice));
  }
}
