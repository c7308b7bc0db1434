package dev.krafla.wire.openai;

import dev.krafla.wire.Json;
import dev.krafla.wire.generation.Usage;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The {@code usage} of chat completions, legacy completions and embeddings. */
final class ChatUsage {
  private ChatUsage() {}

  static Usage read(ObjectNode usage) {
    JsonNode prompt = usage.path("prompt_tokens_details");
    // DeepSeek's own name, where the object is missing
    long cached =
        prompt.has("cached_tokens")
            ? count(prompt, "cached_tokens")
            : count(usage, "prompt_cache_hit_tokens");
    return new Usage(
        count(usage, "prompt_tokens"),
        cached,
        count(prompt, "cache_write_tokens"),
        count(usage, "completion_tokens"),
        count(usage.path("completion_tokens_details"), "reasoning_tokens"));
  }

  private static long count(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isIntegralNumber() && value.canConvertToLong()
        ? Math.max(0, value.longValue())
        : 0;
  }

  static ObjectNode write(Usage usage) {
    ObjectNode json = Json.object();
    json.put("prompt_tokens", usage.promptTokens())
        .put("completion_tokens", usage.completionTokens())
        .put("total_tokens", usage.totalTokens());
    json.putObject("prompt_tokens_details")
        .put("cached_tokens", usage.cachedTokens())
        .put("cache_write_tokens", usage.cacheWriteTokens());
    json.putObject("completion_tokens_details").put("reasoning_tokens", usage.reasoningTokens());
    return json;
  }
}
