package dev.krafla.gateway.route;

/** Routes and prices that hold at one moment; a request keeps those that it began with. */
public record Routing(RouteTable routes, Pricing pricing) {}
