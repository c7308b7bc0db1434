package dev.krafla.gateway;

/**
 * What a request took, in the upstream's own count.
 *
 * @param provider who answered
 * @param providerModel what that calls the model
 * @param promptTokens of them {@code cachedTokens} were found in a cache
 * @param completionTokens of them {@code reasoningTokens} were thought
 * @param nanodollars at the prices of the day
 */
public record Spending(
    String provider,
    String providerModel,
    long promptTokens,
    long cachedTokens,
    long completionTokens,
    long reasoningTokens,
    long nanodollars) {}
