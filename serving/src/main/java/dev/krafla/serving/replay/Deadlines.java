package dev.krafla.serving.replay;

import java.time.Duration;

/** What a request must keep to count as good. */
public record Deadlines(Duration firstToken, Duration perToken) {
  /** Whether {@code outcome} is a whole answer within both. */
  public boolean kept(Outcome outcome) {
    return outcome.failure().isEmpty()
        && outcome.timeToFirstToken().compareTo(firstToken) <= 0
        && outcome.timePerToken().compareTo(perToken) <= 0;
  }
}
