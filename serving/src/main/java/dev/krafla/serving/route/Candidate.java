package dev.krafla.serving.route;

/**
 * A replica as seen for one request.
 *
 * @param replica its number
 * @param uncachedTokens tokens of this request that it would have to compute
 * @param queuedTokens prompt tokens that were sent to it and are not known to be computed
 * @param running requests that were sent to it and have not ended
 * @param kvUsage share of its cache that running requests hold, 0 to 1, as it last told
 */
public record Candidate(
    int replica, int uncachedTokens, long queuedTokens, int running, double kvUsage) {}
