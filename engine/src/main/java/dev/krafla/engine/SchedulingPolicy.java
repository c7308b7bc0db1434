package dev.krafla.engine;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who goes first. Start from {@link #DEFAULTS} and change what differs.
 *
 * @param levels what each class may expect; all classes are there
 * @param quantumTokens by how many computed tokens one tenant of a class may be ahead of another
 *     whose requests wait, beside one step; small is fairer, large lets a long prompt end sooner
 * @param stretch by how many times its own time a prompt may be overtaken by shorter ones of its
 *     tenant and class that have no deadline either; 0: they go in order of arrival
 */
public record SchedulingPolicy(
    Map<ServiceClass, ServiceLevel> levels, int quantumTokens, double stretch) {
  /**
   * Tokens at most 50 ms (interactive) and 100 ms (normal) apart while other prompts are computed,
   * a fifth of the work for normal and a twentieth for batch whatever comes, no limit to waiting.
   */
  public static final SchedulingPolicy DEFAULTS =
      new SchedulingPolicy(
          Map.of(
              ServiceClass.INTERACTIVE, level(50, 0),
              ServiceClass.NORMAL, level(100, 0.2),
              ServiceClass.BATCH, new ServiceLevel(Optional.empty(), Optional.empty(), 0.05)),
          256,
          8);

  public SchedulingPolicy {
    if (levels.size() != ServiceClass.values().length) {
      throw new IllegalArgumentException(
          "there are levels for %s; every class needs one".formatted(levels.keySet()));
    }
    if (quantumTokens < 1) {
      throw new IllegalArgumentException(
          "quantumTokens is %d; it must be 1 or more".formatted(quantumTokens));
    }
    if (!(stretch >= 0 && stretch <= 1000)) {
      throw new IllegalArgumentException("stretch is %s; it must be 0 to 1000".formatted(stretch));
    }
    levels = Map.copyOf(levels);
  }

  private static ServiceLevel level(int perTokenMillis, double share) {
    return new ServiceLevel(
        Optional.empty(), Optional.of(Duration.ofMillis(perTokenMillis)), share);
  }

  /** What requests of {@code c} may expect. */
  public ServiceLevel level(ServiceClass c) {
    ServiceLevel level = levels.get(c);
    if (level == null) {
      throw new IllegalStateException("every class has a level");
    }
    return level;
  }

  public SchedulingPolicy withLevel(ServiceClass c, ServiceLevel level) {
    var changed = new EnumMap<>(levels);
    changed.put(c, level);
    return new SchedulingPolicy(changed, quantumTokens, stretch);
  }

  public SchedulingPolicy withStretch(double times) {
    return new SchedulingPolicy(levels, quantumTokens, times);
  }

  public SchedulingPolicy withQuantumTokens(int tokens) {
    return new SchedulingPolicy(levels, tokens, stretch);
  }
}
