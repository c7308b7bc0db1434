package dev.krafla.serving.replica;

import dev.krafla.wire.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * vLLM's NIXL pull (its {@code toy_proxy_server.py}): first the prefill replica computes the prompt
 * and answers where its blocks lie, then the decode replica gets the original request with that
 * answer in it and fetches them.
 */
public record NixlPull() implements HandOff {
  /** The field that both bodies and the answer have. */
  public static final String PARAMS = "kv_transfer_params";

  private static final List<String> OF_THE_ANSWER =
      List.of("stream_options", "min_tokens", "max_completion_tokens", "n", "best_of");

  /** The body for the prefill replica. */
  public static ObjectNode prefillBody(ObjectNode request) {
    ObjectNode body = request.deepCopy();
    boolean newName = body.has("max_completion_tokens");
    body.remove(OF_THE_ANSWER);
    body.put("stream", false).put("max_tokens", 1);
    if (newName) {
      body.put("max_completion_tokens", 1);
    }
    body.putObject(PARAMS)
        .put("do_remote_decode", true)
        .put("do_remote_prefill", false)
        .putNull("remote_engine_id")
        .putNull("remote_block_ids")
        .putNull("remote_host")
        .putNull("remote_port");
    return body;
  }

  /** What the prefill replica's answer says of its blocks: opaque; empty where it keeps none. */
  public static Optional<ObjectNode> params(ObjectNode answer) {
    JsonNode params = answer.get(PARAMS);
    return params instanceof ObjectNode object && !object.isEmpty()
        ? Optional.of(object)
        : Optional.empty();
  }

  /** The decode replica's body: the original bytes with {@code params} put in. */
  public static byte[] decodeBody(byte[] request, ObjectNode params) {
    return BodySplice.withMember(request, PARAMS, Json.writeBytes(params));
  }
}
