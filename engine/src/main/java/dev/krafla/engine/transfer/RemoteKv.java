package dev.krafla.engine.transfer;

import java.util.List;
import java.util.UUID;

/**
 * Where a prompt's KV lies that another worker has computed: what that worker's answer says in
 * {@code kv_transfer_params}, and whoever passes it on does not look into. It may come from
 * anybody: nothing in it is believed before the two workers have agreed.
 *
 * @param engine the engine that lends it, by the name it has for one run
 * @param lease names the lease; cannot be guessed, and who knows it may read
 * @param host address of the lender
 * @param port of its transfer server
 * @param blocks its numbers for the blocks, in order of position; only their count means something
 *     here
 */
public record RemoteKv(UUID engine, UUID lease, String host, int port, List<Integer> blocks) {
  /** Longest host name (RFC 1035). */
  private static final int MAX_HOST = 255;

  public RemoteKv {
    blocks = List.copyOf(blocks);
    if (host.isEmpty() || host.length() > MAX_HOST) {
      throw new IllegalArgumentException(
          "remote_host has %d characters; it must have 1 to %d".formatted(host.length(), MAX_HOST));
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          "remote_port is %d; it must be 1 to 65535".formatted(port));
    }
  }
}
