package dev.krafla.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code kv_transfer_params}, as vLLM's NIXL connector has them: by which a request is computed in
 * one place and answered in another. A request with {@code do_remote_decode} has its prompt
 * computed and kept; the answer's parameters, put into the same request, let another worker fetch
 * it. Whoever passes them on need not look into them.
 *
 * @param doRemoteDecode another worker will go on with this request
 * @param doRemotePrefill another worker has computed its prompt
 * @param engineId {@code remote_engine_id}: which
 * @param requestId {@code remote_request_id}: under what name it keeps it
 * @param host where it is reached
 * @param port likewise
 * @param blockIds its blocks, in order of position
 * @param tpSize over how many devices a block is spread there; 1 here
 */
public record KvTransferParams(
    boolean doRemoteDecode,
    boolean doRemotePrefill,
    Optional<String> engineId,
    Optional<String> requestId,
    Optional<String> host,
    OptionalInt port,
    List<Integer> blockIds,
    int tpSize) {

  /** To the worker that computes the prompt. */
  public static final KvTransferParams REMOTE_DECODE =
      new KvTransferParams(
          true,
          false,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          List.of(),
          1);

  public KvTransferParams {
    blockIds = List.copyOf(blockIds);
  }

  /** To the worker that goes on. */
  public static KvTransferParams remotePrefill(
      String engineId, String requestId, String host, int port, List<Integer> blockIds) {
    return new KvTransferParams(
        false,
        true,
        Optional.of(engineId),
        Optional.of(requestId),
        Optional.of(host),
        OptionalInt.of(port),
        blockIds,
        1);
  }

  static Optional<KvTransferParams> parse(Fields body) {
    return body.object("kv_transfer_params").map(KvTransferParams::of);
  }

  private static KvTransferParams of(Fields fields) {
    boolean decode = fields.bool("do_remote_decode").orElse(false);
    boolean prefill = fields.bool("do_remote_prefill").orElse(false);
    if (decode && prefill) {
      throw fields.invalid("do_remote_decode", "cannot be joined with do_remote_prefill");
    }
    var blocks = new ArrayList<Integer>();
    fields.elements(
        "remote_block_ids",
        "an array of integers",
        (element, at) -> blocks.add(Fields.intAt(element, at)));
    return new KvTransferParams(
        decode,
        prefill,
        fields.string("remote_engine_id"),
        fields.string("remote_request_id"),
        fields.string("remote_host"),
        fields.integer("remote_port"),
        blocks,
        fields.integer("tp_size").orElse(1));
  }

  /** The wire's form. */
  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("do_remote_prefill", doRemotePrefill).put("do_remote_decode", doRemoteDecode);
    if (blockIds.isEmpty()) {
      json.putNull("remote_block_ids");
    } else {
      ArrayNode blocks = json.putArray("remote_block_ids");
      blockIds.forEach(blocks::add);
    }
    Json.putOrNull(json, "remote_engine_id", engineId);
    Json.putOrNull(json, "remote_request_id", requestId);
    Json.putOrNull(json, "remote_host", host);
    port.ifPresentOrElse(p -> json.put("remote_port", p), () -> json.putNull("remote_port"));
    return json.put("tp_size", tpSize);
  }
}
