package dev.krafla.gateway.money;

import java.math.BigDecimal;

/**
 * What a model of a provider costs, in nanodollars per million tokens: a price of $1 per million is
 * 1,000,000,000. So prices below a nanodollar a token are exact, and one request's cost is rounded
 * up once.
 *
 * @param cachedInput for prompt tokens that the provider found in its cache
 * @param perImage in nanodollars a picture
 */
public record Price(long input, long cachedInput, long output, long perImage) {
  private static final long MILLION = 1_000_000;

  /** Costs nothing, as a model of our own without a price. */
  public static final Price FREE = new Price(0, 0, 0, 0);

  public Price {
    if (input < 0 || cachedInput < 0 || output < 0 || perImage < 0) {
      throw new IllegalArgumentException(
          "a price is negative: input %d, cached input %d, output %d, per image %d; each must be 0 or more"
              .formatted(input, cachedInput, output, perImage));
    }
  }

  /** From dollars per million tokens, as price lists have them; pictures are free. */
  public static Price perMillion(String input, String cachedInput, String output) {
    return new Price(
        Nanodollars.of(new BigDecimal(input)),
        Nanodollars.of(new BigDecimal(cachedInput)),
        Nanodollars.of(new BigDecimal(output)),
        0);
  }

  /**
   * What a request cost.
   *
   * @param promptTokens of them {@code cachedTokens} came from the provider's cache
   * @throws ArithmeticException when it exceeds what a ledger can count
   * @throws IllegalArgumentException when a count is negative, or more tokens are cached than there
   *     are
   */
  public long of(long promptTokens, long cachedTokens, long completionTokens) {
    if (cachedTokens < 0 || cachedTokens > promptTokens || completionTokens < 0) {
      throw new IllegalArgumentException(
          "%d prompt tokens, of them %d cached, and %d completion tokens cannot be"
              .formatted(promptTokens, cachedTokens, completionTokens));
    }
    long sum =
        Math.addExact(
            Math.addExact(
                Math.multiplyExact(promptTokens - cachedTokens, input),
                Math.multiplyExact(cachedTokens, cachedInput)),
            Math.multiplyExact(completionTokens, output));
    return Math.ceilDiv(sum, MILLION);
  }

  /** The most that so many tokens can cost, whatever the cache holds. */
  public long most(long promptTokens, long completionTokens) {
    long dearer = Math.max(input, cachedInput);
    return new Price(dearer, dearer, output, perImage).of(promptTokens, 0, completionTokens);
  }

  /** What so many pictures cost. */
  public long images(long count) {
    return Math.multiplyExact(count, perImage);
  }
}
