package dev.krafla.engine;

import java.time.Duration;
import java.util.Optional;

/**
 * What requests of one class may expect.
 *
 * @param firstToken from submit to the first token; a request for which that is out of reach is
 *     refused with {@link DeadlineUnreachable} instead of being computed in vain. Absent: it waits
 * @param perToken time between two tokens of an answer: steps that other prompts share are kept
 *     this short. Absent: steps may be as large as the engine's limit
 * @param guaranteedShare of all computed tokens, the part that is this class's while it has work
 *     waiting, whatever the higher classes want; 0 up to 0.5
 */
public record ServiceLevel(
    Optional<Duration> firstToken, Optional<Duration> perToken, double guaranteedShare) {
  public ServiceLevel {
    requirePositive("firstToken", firstToken);
    requirePositive("perToken", perToken);
    if (!(guaranteedShare >= 0 && guaranteedShare <= 0.5)) {
      throw new IllegalArgumentException(
          "guaranteedShare is %s; it must be 0 to 0.5".formatted(guaranteedShare));
    }
  }

  private static void requirePositive(String name, Optional<Duration> value) {
    if (value.isPresent() && !value.get().isPositive()) {
      throw new IllegalArgumentException(
          "%s is %s; it must be positive, or absent for none".formatted(name, value.get()));
    }
  }

  public ServiceLevel withFirstToken(Optional<Duration> deadline) {
    return new ServiceLevel(deadline, perToken, guaranteedShare);
  }

  public ServiceLevel withPerToken(Optional<Duration> deadline) {
    return new ServiceLevel(firstToken, deadline, guaranteedShare);
  }

  public ServiceLevel withGuaranteedShare(double share) {
    return new ServiceLevel(firstToken, perToken, share);
  }
}
