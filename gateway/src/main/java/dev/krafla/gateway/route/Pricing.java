package dev.krafla.gateway.route;

/** What requests cost, in nanodollars. Thread-safe. */
public interface Pricing {
  /** Nothing costs anything. */
  Pricing FREE =
      new Pricing() {
        @Override
        public long most(Target target, long promptTokens, long completionTokens) {
          return 0;
        }

        @Override
        public long of(Target target, long promptTokens, long cachedTokens, long completionTokens) {
          return 0;
        }
      };

  /** The most that so many tokens can cost at {@code target}, whatever its cache holds. */
  long most(Target target, long promptTokens, long completionTokens);

  /**
   * What a request cost.
   *
   * @param promptTokens of them {@code cachedTokens} came from the provider's cache
   */
  long of(Target target, long promptTokens, long cachedTokens, long completionTokens);
}
