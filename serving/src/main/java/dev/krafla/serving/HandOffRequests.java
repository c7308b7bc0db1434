package dev.krafla.serving;

import dev.krafla.engine.Request;
import dev.krafla.engine.transfer.HandOff;
import dev.krafla.engine.transfer.RemoteKv;
import dev.krafla.wire.GenerationOptions;
import dev.krafla.wire.KvTransferParams;
import java.util.Optional;
import java.util.UUID;

/** {@code kv_transfer_params} as the engine has them. */
final class HandOffRequests {
  private static final String PARAM = "kv_transfer_params";

  private HandOffRequests() {}

  /** {@code request}, with what {@code options} say of other workers. */
  static Request with(Request request, GenerationOptions options) {
    if (options.kvTransfer().isEmpty()) {
      return request;
    }
    KvTransferParams params = options.kvTransfer().get();
    if (params.doRemoteDecode()) {
      return request.withHandOff(new HandOff.Lend());
    }
    return params.doRemotePrefill()
        ? request.withHandOff(new HandOff.Take(remote(params)))
        : request;
  }

  /** Whether another worker will go on: the answer is one token, in one piece. */
  static boolean lends(GenerationOptions options) {
    return options.kvTransfer().filter(KvTransferParams::doRemoteDecode).isPresent();
  }

  /** An answer with parameters is whole, and has one prompt. */
  static void check(GenerationOptions options, boolean stream, int prompts) {
    if (lends(options) && stream) {
      throw Refused.invalid(
          "stream", "stream cannot be joined with do_remote_decode: its answer is one token");
    }
    if (options.kvTransfer().isPresent() && prompts != 1) {
      throw Refused.invalid(
          "prompt", "%d prompts with %s; send them one by one".formatted(prompts, PARAM));
    }
  }

  private static RemoteKv remote(KvTransferParams params) {
    try {
      return new RemoteKv(
          UUID.fromString(required(params.engineId(), "remote_engine_id")),
          UUID.fromString(required(params.requestId(), "remote_request_id")),
          required(params.host(), "remote_host"),
          params.port().orElse(0),
          params.blockIds());
    } catch (IllegalArgumentException e) {
      throw Refused.invalid(
          PARAM,
          "%s are not what a prefill worker of this kind gives: %s"
              .formatted(PARAM, e.getMessage()));
    }
  }

  private static String required(Optional<String> value, String name) {
    return value.orElseThrow(() -> new IllegalArgumentException(name + " is missing"));
  }

  /** For the answer to a request whose prompt is kept for another worker. */
  static KvTransferParams toWire(RemoteKv remote) {
    return KvTransferParams.remotePrefill(
        remote.engine().toString(),
        remote.lease().toString(),
        remote.host(),
        remote.port(),
        remote.blocks());
  }
}
