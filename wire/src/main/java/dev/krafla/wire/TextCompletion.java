package dev.krafla.wire;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An answer to a completion request, or a chunk of one: both have the same form.
 *
 * @param created seconds since 1970
 * @param choices empty in the chunk that carries the usage
 * @param usage of a whole answer, or in the last chunk
 * @param kvTransfer for the worker that goes on, where another does
 */
public record TextCompletion(
    String id,
    long created,
    String model,
    List<Choice> choices,
    Optional<TokenUsage> usage,
    Optional<KvTransferParams> kvTransfer) {
  public TextCompletion {
    choices = List.copyOf(choices);
  }

  /**
   * One answer or a piece of it.
   *
   * @param finishReason stop or length, once at its end
   */
  public record Choice(
      int index, String text, Optional<String> finishReason, Optional<TextLogprobs> logprobs) {}

  public ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("id", id).put("object", "text_completion").put("created", created).put("model", model);
    ArrayNode array = json.putArray("choices");
    for (Choice c : choices) {
      ObjectNode choice = array.addObject();
      choice.put("index", c.index).put("text", c.text);
      if (c.logprobs.isPresent()) {
        choice.set("logprobs", c.logprobs.get().toJson());
      } else {
        choice.putNull("logprobs");
      }
      Json.putOrNull(choice, "finish_reason", c.finishReason);
    }
    usage.ifPresent(u -> json.set("usage", u.toJson()));
    kvTransfer.ifPresent(k -> json.set("kv_transfer_params", k.toJson()));
    return json;
  }
}
