package dev.krafla.engine.kvstore;

import java.time.Duration;

/**
 * What one store of the KV cache has done since the engine's start.
 *
 * @param name of the store
 * @param hits entries that it gave back sound
 * @param misses entries that it was asked for and did not have
 * @param damaged entries that did not pass their check
 * @param passedOver requests for which computing was expected to be faster than reading
 * @param bytesRead of entries that it gave back
 * @param bytesWritten to it
 * @param readTime that reading and checking took, summed over loads that may have run beside each
 *     other
 * @param bytesPerSecond bandwidth on which the choice between reading and computing rests
 * @param latencySeconds per entry, likewise
 * @param bytes that it keeps, as far as this engine knows
 * @param maxBytes most that it keeps; 0 where the limit is not its own
 * @param available whether it takes entries: false while it is left alone, as it failed
 */
public record KvTierStats(
    String name,
    long hits,
    long misses,
    long damaged,
    long passedOver,
    long bytesRead,
    long bytesWritten,
    Duration readTime,
    double bytesPerSecond,
    double latencySeconds,
    long bytes,
    long maxBytes,
    boolean available) {}
