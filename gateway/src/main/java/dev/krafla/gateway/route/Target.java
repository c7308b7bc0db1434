package dev.krafla.gateway.route;

import dev.krafla.gateway.provider.Provider;

/**
 * A model at a provider.
 *
 * @param model as the provider calls it
 * @param weight its share where a route spreads requests
 * @param limits of the model there
 */
public record Target(Provider provider, String model, int weight, ModelLimits limits) {
  public Target {
    if (weight < 1 || weight > 1_000_000) {
      throw new IllegalArgumentException(
          "weight is %d; it must be 1 to 1,000,000".formatted(weight));
    }
  }

  /** As {@code provider/model}, in logs and headers. */
  public String id() {
    return provider.name() + "/" + model;
  }
}
