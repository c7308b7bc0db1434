package dev.krafla.gateway.config;

import java.math.BigDecimal;

/**
 * What tokens cost, in nanodollars per million: exact below a nanodollar a token; what a request
 * costs is rounded up once.
 */
record TokenPrice(long input, long cachedInput, long output) {
  static final TokenPrice FREE = new TokenPrice(0, 0, 0);
  private static final long MILLION = 1_000_000;
  private static final int DECIMALS = 9;

  /**
   * Reads dollars per million tokens.
   *
   * @throws IllegalArgumentException when it is negative, or finer or larger than can be counted
   */
  static long perMillion(BigDecimal dollars) {
    try {
      long nanodollars = dollars.movePointRight(DECIMALS).longValueExact();
      if (nanodollars >= 0 && nanodollars <= MILLION * MILLION) {
        return nanodollars;
      }
    } catch (ArithmeticException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "%s is no price; it must be 0 to 1,000 dollars per million tokens, with at most 9 decimals"
            .formatted(dollars.toPlainString()));
  }

  long of(long promptTokens, long cachedTokens, long completionTokens) {
    long sum =
        Math.addExact(
            Math.addExact(
                Math.multiplyExact(promptTokens - cachedTokens, input),
                Math.multiplyExact(cachedTokens, cachedInput)),
            Math.multiplyExact(completionTokens, output));
    return Math.ceilDiv(sum, MILLION);
  }

  long most(long promptTokens, long completionTokens) {
    long dearer = Math.max(input, cachedInput);
    return new TokenPrice(dearer, dearer, output).of(promptTokens, 0, completionTokens);
  }
}
