package dev.krafla.gateway.config;

import dev.krafla.gateway.route.Pricing;
import dev.krafla.gateway.route.Target;
import java.util.Map;

/** Prices by {@code provider/model}, or {@code provider/*} for all others of a provider. */
record TokenPrices(Map<String, TokenPrice> byTarget) implements Pricing {
  TokenPrices {
    byTarget = Map.copyOf(byTarget);
  }

  private TokenPrice at(Target target) {
    TokenPrice own = byTarget.get(target.id());
    return own != null
        ? own
        : byTarget.getOrDefault(target.provider().name() + "/*", TokenPrice.FREE);
  }

  @Override
  public long most(Target target, long promptTokens, long completionTokens) {
    return at(target).most(promptTokens, completionTokens);
  }

  @Override
  public long of(Target target, long promptTokens, long cachedTokens, long completionTokens) {
    return at(target).of(promptTokens, cachedTokens, completionTokens);
  }
}
