package dev.krafla.wire.responses;

import dev.krafla.wire.Json;
import dev.krafla.wire.generation.Usage;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The {@code usage} of responses. */
final class ResponsesUsage {
  private ResponsesUsage() {}

  static Usage read(ObjectNode usage) {
    JsonNode input = usage.path("input_tokens_details");
    return new Usage(
        count(usage, "input_tokens"),
        count(input, "cached_tokens"),
        count(input, "cache_write_tokens"),
        count(usage, "output_tokens"),
        count(usage.path("output_tokens_details"), "reasoning_tokens"));
  }

  private static long count(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isIntegralNumber() && value.canConvertToLong()
        ? Math.max(0, value.longValue())
        : 0;
  }

  static ObjectNode write(Usage usage) {
    ObjectNode json = Json.object();
    json.put("input_tokens", usage.promptTokens());
    json.putObject("input_tokens_details")
        .put("cached_tokens", usage.cachedTokens())
        .put("cache_write_tokens", usage.cacheWriteTokens());
    json.put("output_tokens", usage.completionTokens());
    json.putObject("output_tokens_details").put("reasoning_tokens", usage.reasoningTokens());
    return json.put("total_tokens", usage.totalTokens());
  }
}
