package dev.krafla.wire;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Log probabilities in the older form of {@code /v1/completions}.
 *
 * @param offset characters before the first token, counted from the answer's beginning
 */
public record TextLogprobs(List<ChatLogprob> tokens, int offset) {
  public TextLogprobs {
    tokens = List.copyOf(tokens);
  }

  ObjectNode toJson() {
    ObjectNode json = Json.object();
    ArrayNode texts = json.putArray("tokens");
    ArrayNode values = json.putArray("token_logprobs");
    ArrayNode tops = json.putArray("top_logprobs");
    ArrayNode offsets = json.putArray("text_offset");
    int at = offset;
    for (ChatLogprob token : tokens) {
      texts.add(token.token());
      values.add(ChatLogprob.finite(token.logprob()));
      ObjectNode top = tops.addObject();
      token.top().forEach(t -> top.put(t.token(), ChatLogprob.finite(t.logprob())));
      offsets.add(at);
      at += token.token().length();
    }
    return json;
  }
}
