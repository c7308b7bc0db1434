package dev.krafla.platform.bench;

import java.time.Duration;

/**
 * One run of one test.
 *
 * @param firstToken from submit to the first token; the median where several sequences ran
 */
public record Sample(double tokensPerSecond, Duration firstToken) {}
