package dev.krafla.platform;

import dev.krafla.gateway.route.Pricing;
import dev.krafla.gateway.route.Route;
import dev.krafla.gateway.route.RouteTable;
import dev.krafla.gateway.route.Routing;
import dev.krafla.gateway.route.Target;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The routes of the models that run here, and those of {@code krafla.yaml} beside or over them.
 * Thread-safe.
 */
final class LiveRouting implements Supplier<Routing> {
  private final List<Route> local;
  private volatile Routing routing;

  /**
   * @param local models of this machine, by their names
   */
  LiveRouting(List<Route> local) {
    this.local = List.copyOf(local);
    routing = new Routing(table(local, Optional.empty()), Pricing.FREE);
  }

  /** Puts what the file says in place of what it said before. */
  synchronized void replace(List<Route> declared, Pricing pricing) {
    Map<String, Route> byName = new LinkedHashMap<>();
    local.forEach(route -> byName.put(route.name(), route));
    declared.forEach(route -> byName.put(route.name(), route));
    routing =
        new Routing(table(List.copyOf(byName.values()), Optional.of(routing.routes())), pricing);
  }

  private static RouteTable table(List<Route> routes, Optional<RouteTable> before) {
    return new RouteTable(routes, before, System::nanoTime);
  }

  @Override
  public Routing get() {
    return routing;
  }

  /** What requests cost by the file that holds when they are asked. */
  Pricing filePrices() {
    return new Pricing() {
      @Override
      public long most(Target target, long promptTokens, long completionTokens) {
        return routing.pricing().most(target, promptTokens, completionTokens);
      }

      @Override
      public long of(Target target, long promptTokens, long cachedTokens, long completionTokens) {
        return routing.pricing().of(target, promptTokens, cachedTokens, completionTokens);
      }
    };
  }
}
