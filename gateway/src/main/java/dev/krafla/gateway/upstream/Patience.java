package dev.krafla.gateway.upstream;

import java.time.Duration;

/**
 * How long an answer may keep one waiting.
 *
 * @param connect until there is a connection
 * @param firstByte from sending the request to the first byte of the answer's body
 * @param silence between two pieces of it
 */
public record Patience(Duration connect, Duration firstByte, Duration silence) {
  public static final Patience USUAL =
      new Patience(Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofMinutes(2));

  public Patience {
    for (Duration each : new Duration[] {connect, firstByte, silence}) {
      if (!each.isPositive()) {
        throw new IllegalArgumentException("a timeout is %s; it must be positive".formatted(each));
      }
    }
  }
}
