package dev.krafla.gateway.server;

import dev.krafla.wire.generation.Usage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds what an answer, or an event of one, says of the tokens that it took, on any wire. */
final class UsageReader {
  private UsageReader() {}

  /** The usage in {@code answer}; empty where it says none. */
  static Optional<Usage> read(ObjectNode answer) {
    if (answer.get("usage") instanceof ObjectNode usage) {
      return Optional.of(of(usage));
    }
    if (answer.path("response").get("usage") instanceof ObjectNode usage) { // Responses' events
      return Optional.of(of(usage));
    }
    if (answer.path("message").get("usage") instanceof ObjectNode usage) { // message_start
      return Optional.of(of(usage));
    }
    if (answer.path("choices").path(0).get("usage") instanceof ObjectNode usage) { // Kimi's streams
      return Optional.of(of(usage));
    }
    return Optional.empty();
  }

  /** Puts together what two events of a stream say: each count only grows. */
  static Usage merge(Usage a, Usage b) {
    return new Usage(
        Math.max(a.promptTokens(), b.promptTokens()),
        Math.max(a.cachedTokens(), b.cachedTokens()),
        Math.max(a.cacheWriteTokens(), b.cacheWriteTokens()),
        Math.max(a.completionTokens(), b.completionTokens()),
        Math.max(a.reasoningTokens(), b.reasoningTokens()));
  }

  private static Usage of(ObjectNode usage) {
    if (usage.has("prompt_tokens") || usage.has("completion_tokens")) { // chat and the like
      long prompt = count(usage.get("prompt_tokens"));
      long cached =
          Math.max(
              count(usage.path("prompt_tokens_details").get("cached_tokens")),
              count(usage.get("prompt_cache_hit_tokens"))); // DeepSeek's name
      return new Usage(
          prompt,
          Math.min(prompt, cached),
          0,
          count(usage.get("completion_tokens")),
          count(usage.path("completion_tokens_details").get("reasoning_tokens")));
    }
    long read = count(usage.get("cache_read_input_tokens"));
    long written = count(usage.get("cache_creation_input_tokens"));
    // Anthropic counts cached tokens apart, Responses within.
    long prompt = count(usage.get("input_tokens")) + read + written;
    long cached = read + count(usage.path("input_tokens_details").get("cached_tokens"));
    return new Usage(
        prompt,
        Math.min(prompt, cached),
        written,
        count(usage.get("output_tokens")),
        count(usage.path("output_tokens_details").get("reasoning_tokens")));
  }

  private static long count(@Nullable JsonNode n) {
    return n != null && n.isNumber() ? Math.max(0, n.longValue()) : 0;
  }
}
