package dev.krafla.wire.anthropic;

import dev.krafla.wire.Json;
import dev.krafla.wire.generation.Usage;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Anthropic's {@code usage}, whose input tokens leave out those of its cache. */
final class MessagesUsage {
  private MessagesUsage() {}

  static Usage read(ObjectNode usage) {
    return merge(Usage.NONE, usage);
  }

  /** What a later report of a stream says replaces what was known; what it leaves out stays. */
  static Usage merge(Usage before, ObjectNode usage) {
    long cached = count(usage, "cache_read_input_tokens", before.cachedTokens());
    long written = count(usage, "cache_creation_input_tokens", before.cacheWriteTokens());
    long fresh =
        count(
            usage,
            "input_tokens",
            before.promptTokens() - before.cachedTokens() - before.cacheWriteTokens());
    return new Usage(
        fresh + cached + written,
        cached,
        written,
        count(usage, "output_tokens", before.completionTokens()),
        count(usage.path("output_tokens_details"), "thinking_tokens", before.reasoningTokens()));
  }

  private static long count(JsonNode usage, String name, long otherwise) {
    JsonNode value = usage.path(name);
    return value.isIntegralNumber() && value.canConvertToLong()
        ? Math.max(0, value.longValue())
        : otherwise;
  }

  static ObjectNode write(Usage usage) {
    ObjectNode json = Json.object();
    json.put(
            "input_tokens",
            Math.max(0, usage.promptTokens() - usage.cachedTokens() - usage.cacheWriteTokens()))
        .put("cache_creation_input_tokens", usage.cacheWriteTokens())
        .put("cache_read_input_tokens", usage.cachedTokens())
        .put("output_tokens", usage.completionTokens());
    json.putObject("output_tokens_details").put("thinking_tokens", usage.reasoningTokens());
    return json;
  }
}
