package dev.krafla.serving.replay;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * One request to be sent.
 *
 * @param number its place in the load, from 0
 * @param at when it is due, since the start
 * @param outputTokens tokens that its answer is to have
 * @param prompt makes its token ids; long prompts are made only when they are sent
 */
public record Work(int number, Duration at, int outputTokens, Supplier<int[]> prompt) {}
