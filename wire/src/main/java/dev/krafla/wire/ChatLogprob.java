package dev.krafla.wire;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One token's log probability.
 *
 * @param token its text; half a character shows as U+FFFD
 * @param bytes its UTF-8, exact
 * @param top the likeliest tokens at this place, likeliest first; without alternatives of their own
 */
public record ChatLogprob(String token, byte[] bytes, float logprob, List<ChatLogprob> top) {
  /** OpenAI writes −9999 for what has no probability at all. */
  private static final float NEVER = -9999;

  public ChatLogprob {
    top = List.copyOf(top);
  }

  private ObjectNode entry() {
    ObjectNode json = Json.object();
    json.put("token", token).put("logprob", finite(logprob));
    ArrayNode array = json.putArray("bytes");
    for (byte b : bytes) {
      array.add(Byte.toUnsignedInt(b));
    }
    return json;
  }

  /** JSON has no infinities. */
  static float finite(float logprob) {
    return Float.isFinite(logprob) ? logprob : NEVER;
  }

  /** The {@code logprobs} object of a choice. */
  static ObjectNode toJson(List<ChatLogprob> logprobs) {
    ObjectNode json = Json.object();
    ArrayNode content = json.putArray("content");
    for (ChatLogprob l : logprobs) {
      ObjectNode entry = l.entry();
      ArrayNode top = entry.putArray("top_logprobs");
      l.top.forEach(t -> top.add(t.entry()));
      content.add(entry);
    }
    return json;
  }

  static Optional<List<ChatLogprob>> parse(Fields choice) {
    return choice
        .object("logprobs")
        .map(l -> l.objects("content").stream().map(ChatLogprob::entry).toList());
  }

  private static ChatLogprob entry(Fields entry) {
    String token = entry.requireString("token");
    return new ChatLogprob(
        token,
        token.getBytes(StandardCharsets.UTF_8),
        entry.number("logprob").orElse(0.0).floatValue(),
        entry.objects("top_logprobs").stream().map(ChatLogprob::entry).toList());
  }
}
