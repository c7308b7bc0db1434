package dev.krafla.serving.replay;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A load that was sent.
 *
 * @param outcomes of all requests, by number
 * @param wall from the start to the last answer's end
 * @param compute time that workers spent in steps, over all of them; absent where one does not tell
 * @param computeSource where {@code compute} comes from, for people
 * @param workers how many there were
 */
public record Run(
    List<Outcome> outcomes,
    Duration wall,
    Optional<Duration> compute,
    String computeSource,
    int workers) {
  public Run {
    outcomes = List.copyOf(outcomes);
  }

  /** {@code compute}, or where it is not known the time of all workers from start to end. */
  public Duration computeOrWall() {
    return compute.orElse(wall.multipliedBy(workers));
  }
}
