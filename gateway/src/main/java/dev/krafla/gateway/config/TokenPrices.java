package dev.krafla.gateway.config;

import dev.krafla.gateway.money.Price;
import dev.krafla.gateway.money.PriceTable;
import dev.krafla.gateway.route.Pricing;
import dev.krafla.gateway.route.Target;
import java.time.InstantSource;

/** Prices of the day on which a request comes; what the table does not name is free. */
record TokenPrices(PriceTable table, InstantSource clock) implements Pricing {
  private Price at(Target target) {
    return table.at(target.provider().name(), target.model(), clock.instant()).orElse(Price.FREE);
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
