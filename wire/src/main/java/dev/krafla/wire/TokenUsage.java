package dev.krafla.wire;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a request cost, in tokens.
 *
 * @param cachedTokens of the prompt's, tokens that were found in the cache
 * @param details what else it took; absent unless asked for
 */
public record TokenUsage(
    int promptTokens, int completionTokens, int cachedTokens, Optional<UsageDetails> details) {
  public TokenUsage(int promptTokens, int completionTokens, int cachedTokens) {
    this(promptTokens, completionTokens, cachedTokens, Optional.empty());
  }

  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("prompt_tokens", promptTokens)
        .put("completion_tokens", completionTokens)
        .put("total_tokens", promptTokens + completionTokens)
        .putObject("prompt_tokens_details")
        .put("cached_tokens", cachedTokens);
    details.ifPresent(d -> json.set("krafla", d.toJson()));
    return json;
  }

  static Optional<TokenUsage> parse(Fields body) {
    return body.object("usage")
        .map(u ->
            new TokenUsage(
                u.integer("prompt_tokens").orElse(0),
                u.integer("completion_tokens").orElse(0),
                u.object("prompt_tokens_details")
                    .map(d -> d.integer("cached_tokens").orElse(0))
                    .orElse(0)));
  }
}
