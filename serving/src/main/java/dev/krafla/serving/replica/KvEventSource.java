package dev.krafla.serving.replica;

import java.util.Optional;

/**
 * Where a replica publishes events of its KV cache, in vLLM's form.
 *
 * @param endpoint of its publisher, as {@code tcp://10.0.0.7:5557}
 * @param replay where missed events can be asked for again, as {@code tcp://10.0.0.7:5558}
 * @param topic that its events begin with; empty: all
 */
public record KvEventSource(String endpoint, Optional<String> replay, String topic) {
  private static final String ADDRESS = "(tcp|ipc)://.+";

  public KvEventSource {
    if (!endpoint.matches(ADDRESS) || replay.filter(r -> !r.matches(ADDRESS)).isPresent()) {
      throw new IllegalArgumentException(
          "the address of KV events is '%s'%s; it must be like tcp://10.0.0.7:5557"
              .formatted(endpoint, replay.map(r -> ", of their replay '" + r + "'").orElse("")));
    }
  }
}
