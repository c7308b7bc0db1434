package dev.krafla.wire;

import tools.jackson.databind.node.ObjectNode;

/**
 * What a request took beyond its tokens: the extension {@code usage.krafla}, on request.
 *
 * @param memoryTokens prompt tokens found in memory
 * @param storeTokens prompt tokens read from a store below memory
 * @param computedTokens rows that went through the model, guesses and recomputed ones included
 * @param draftedTokens of these, guesses
 * @param acceptedTokens guesses that came true
 * @param computeSeconds its part of the time in which the worker was busy
 */
public record UsageDetails(
    long memoryTokens,
    long storeTokens,
    long computedTokens,
    long draftedTokens,
    long acceptedTokens,
    double queueSeconds,
    double computeSeconds,
    long bytesMoved,
    long preemptions,
    String serviceClass) {
  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("cached_memory_tokens", memoryTokens)
        .put("cached_store_tokens", storeTokens)
        .put("computed_tokens", computedTokens)
        .put("drafted_tokens", draftedTokens)
        .put("accepted_tokens", acceptedTokens)
        .put("queue_seconds", queueSeconds)
        .put("compute_seconds", computeSeconds)
        .put("bytes_moved", bytesMoved)
        .put("preemptions", preemptions)
        .put("class", serviceClass);
    return json;
  }
}
