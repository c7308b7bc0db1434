package dev.krafla.serving.proxy;

import dev.krafla.serving.route.RouteRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a client asks.
 *
 * @param path as {@code /v1/chat/completions}
 * @param headers that go on to a replica
 * @param bytes of the body, as they came
 * @param json the same, read; not changed by anyone
 * @param model that is asked for
 * @param stream whether the answer is to come in events
 */
record Ask(
    Path path,
    Map<String, List<String>> headers,
    byte[] bytes,
    ObjectNode json,
    Optional<String> model,
    boolean stream,
    RouteRequest routing) {
  /** The same, to be routed by other keys. */
  Ask withKeys(RouteRequest better) {
    return new Ask(path, headers, bytes, json, model, stream, better);
  }

  /** The routes that go to a replica. */
  enum Path {
    CHAT("/v1/chat/completions", true),
    COMPLETION("/v1/completions", true),
    EMBEDDING("/v1/embeddings", false),
    TOKENIZE("/tokenize", false),
    DETOKENIZE("/detokenize", false);

    private final String text;
    private final boolean generates;

    Path(String text, boolean generates) {
      this.text = text;
      this.generates = generates;
    }

    String text() {
      return text;
    }

    /** Whether there is a prompt whose KV cache counts, and an answer that grows. */
    boolean generates() {
      return generates;
    }
  }
}
