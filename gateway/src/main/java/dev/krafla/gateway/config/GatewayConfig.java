package dev.krafla.gateway.config;

import dev.krafla.gateway.money.PriceTable;
import dev.krafla.gateway.route.Pricing;
import dev.krafla.gateway.route.Route;
import dev.krafla.gateway.server.GatewaySettings;
import java.time.InstantSource;
import java.util.List;

/** What a {@code krafla.yaml} says. */
public record GatewayConfig(GatewaySettings settings, List<Route> routes, PriceTable prices) {
  public GatewayConfig {
    routes = List.copyOf(routes);
  }

  /** What requests cost by these prices, at the time at which they come. */
  public Pricing pricing() {
    return new TokenPrices(prices, InstantSource.system());
  }
}
