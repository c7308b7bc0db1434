package dev.krafla.gateway.route;

import dev.krafla.gateway.upstream.Patience;
import java.util.List;
import java.util.Set;

/**
 * What a public model name stands for.
 *
 * @param name as clients say it
 * @param targets in the order of the file
 * @param fallbackOn failures after which the next target is asked
 * @param attempts most targets that one request is tried at
 */
public record Route(
    String name,
    List<Target> targets,
    Order order,
    Set<FailureKind> fallbackOn,
    Patience patience,
    int attempts) {
  public Route {
    targets = List.copyOf(targets);
    fallbackOn = Set.copyOf(fallbackOn);
    if (targets.isEmpty()) {
      throw new IllegalArgumentException("model '%s' has no target".formatted(name));
    }
    if (attempts < 1) {
      throw new IllegalArgumentException(
          "attempts of model '%s' is %d; it must be 1 or more".formatted(name, attempts));
    }
  }
}
