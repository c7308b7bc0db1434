package dev.krafla.gateway.config;

import dev.krafla.gateway.route.Pricing;
import dev.krafla.gateway.route.Route;
import dev.krafla.gateway.server.GatewaySettings;
import java.util.List;

/** What a {@code krafla.yaml} says. */
public record GatewayConfig(GatewaySettings settings, List<Route> routes, Pricing pricing) {
  public GatewayConfig {
    routes = List.copyOf(routes);
  }
}
