package dev.krafla.wire;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Body of {@code POST /tokenize}: text, or a conversation that goes through the chat template.
 * Takes vLLM's names ({@code prompt}, {@code add_special_tokens}) and llama.cpp's ({@code content},
 * {@code add_special}).
 *
 * @param text absent when there is a conversation
 * @param addSpecial add the tokens that the model's metadata asks for; unsaid, it is as the server
 *     whose names are used does: vLLM adds, llama.cpp does not
 */
public record TokenizeRequest(
    Optional<String> text, Optional<ChatRequest> chat, boolean addSpecial, boolean parseSpecial) {
  /**
   * Reads a body.
   *
   * @throws InvalidBody naming the field that is missing or wrong
   */
  public static TokenizeRequest parse(ObjectNode json) {
    Fields body = Fields.of(json);
    if (body.has("messages")) {
      return new TokenizeRequest(
          Optional.empty(), Optional.of(ChatRequest.parse(json)), false, true);
    }
    Optional<String> prompt = body.string("prompt");
    Optional<String> content = body.string("content");
    if (prompt.isEmpty() && content.isEmpty()) {
      throw body.missing("prompt");
    }
    return new TokenizeRequest(
        prompt.or(() -> content),
        Optional.empty(),
        body.bool("add_special_tokens")
            .or(() -> body.bool("add_special"))
            .orElse(prompt.isPresent()),
        body.bool("parse_special").orElse(true));
  }

  /** Ids of a {@code POST /detokenize} body, {@code {"tokens": […]}}. */
  public static int[] parseDetokenize(ObjectNode json) {
    Fields body = Fields.of(json);
    if (!body.has("tokens")) {
      throw body.missing("tokens");
    }
    List<Integer> ids = new java.util.ArrayList<>();
    body.elements("tokens", "an array of token ids", (e, at) -> ids.add(Fields.intAt(e, at)));
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
