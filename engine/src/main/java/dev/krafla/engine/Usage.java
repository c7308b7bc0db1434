package dev.krafla.engine;

import java.time.Duration;

/**
 * What one request cost.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens of these, tokens whose KV was found in the cache
 * @param loadedTokens of these, tokens whose KV was read from a store below memory
 * @param outputTokens tokens drawn, over all choices
 * @param queued from submit to the first step that held a token of it
 * @param firstToken from submit to its first token; zero while there is none
 * @param preemptions how often it lost its blocks and had to compute again
 * @param work what was done for it; complete once its stream has ended
 */
public record Usage(
    int promptTokens,
    int cachedTokens,
    int loadedTokens,
    int outputTokens,
    Duration queued,
    Duration firstToken,
    int preemptions,
    RequestWork work) {}
