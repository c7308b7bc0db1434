package dev.krafla.screen;

import java.time.Duration;
import java.util.Optional;

/**
 * What became of an action.
 *
 * @param done whether it was carried out
 * @param outcome what else there is to say; empty when done and something changed as it should
 * @param message one line for a person or a model: what, and what to do about it
 * @param diff from the screen before to the one after
 * @param content what {@link Action.Read} read
 */
public record ActionResult(
    Action action,
    boolean done,
    Optional<Outcome> outcome,
    String message,
    ScreenDiff diff,
    Observation after,
    Optional<String> content,
    Duration took) {}
