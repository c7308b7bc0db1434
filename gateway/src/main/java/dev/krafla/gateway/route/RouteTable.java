package dev.krafla.gateway.route;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/**
 * The routes of one configuration and the health of their targets. A new configuration makes a new
 * table, which takes over the health of targets that stay. Immutable but for that health;
 * thread-safe.
 */
public final class RouteTable {
  private final Map<String, Route> routes;
  private final Map<String, TargetHealth> health;
  private final LongSupplier clock;

  /**
   * @param before whose targets' health is taken over
   * @param clock nanoseconds
   */
  public RouteTable(List<Route> routes, Optional<RouteTable> before, LongSupplier clock) {
    this.clock = clock;
    Map<String, Route> byName = new TreeMap<>();
    Map<String, TargetHealth> states = new HashMap<>();
    for (Route route : routes) {
      byName.put(route.name(), route);
      for (Target target : route.targets()) {
        states.computeIfAbsent(
            target.id(),
            id ->
                before
                    .flatMap(table -> Optional.ofNullable(table.health.get(id)))
                    .orElseGet(() -> new TargetHealth(clock)));
      }
    }
    this.routes = byName;
    this.health = Map.copyOf(states);
  }

  /** No routes. */
  public static RouteTable empty() {
    return new RouteTable(List.of(), Optional.empty(), System::nanoTime);
  }

  /** By name. */
  public Optional<Route> find(String model) {
    return Optional.ofNullable(routes.get(model));
  }

  /** All, by name. */
  public List<Route> routes() {
    return List.copyOf(routes.values());
  }

  /** How the targets do, by {@link Target#id}. */
  public Map<String, TargetHealth> health() {
    return new TreeMap<>(health);
  }

  /** How {@code target}, one of this table's, does. */
  public TargetHealth health(Target target) {
    TargetHealth found = health.get(target.id());
    if (found == null) {
      throw new IllegalArgumentException(target.id() + " is not of this table");
    }
    return found;
  }

  /**
   * The targets of {@code route} as one request asks them, the first first.
   *
   * @param session what keeps requests of one conversation together, for the provider's cache
   * @param cost what the request may cost at a target, for {@link Order#CHEAPEST}
   */
  public List<Target> order(
      Route route, Optional<String> session, ToLongFunction<Target> cost, RandomGenerator random) {
    List<Target> targets = route.targets();
    if (targets.size() == 1) {
      return targets;
    }
    return switch (route.order()) {
      case PRIORITY -> targets;
      case CHEAPEST -> targets.stream().sorted(java.util.Comparator.comparingLong(cost)).toList();
      case WEIGHTED -> Rendezvous.order(targets, session, random);
    };
  }

  /**
   * The first of {@code ordered} that was not tried and takes requests now; it is entered: its end
   * must be told to its health.
   */
  public Optional<Target> enter(List<Target> ordered, Set<Target> tried) {
    for (Target target : ordered) {
      if (!tried.contains(target) && health(target).enter()) {
        return Optional.of(target);
      }
    }
    return Optional.empty();
  }

  /** Providers that have a target here, by name. */
  public Set<String> providers() {
    Set<String> names = new HashSet<>();
    routes.values().forEach(r -> r.targets().forEach(t -> names.add(t.provider().name())));
    return names;
  }

  LongSupplier clock() {
    return clock;
  }
}
