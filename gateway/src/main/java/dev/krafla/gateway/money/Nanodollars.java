package dev.krafla.gateway.money;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Amounts as people write them: dollars with up to nine decimals, to and from whole nanodollars.
 */
public final class Nanodollars {
  /** One dollar. */
  public static final long DOLLAR = 1_000_000_000L;

  private static final int DECIMALS = 9;

  private Nanodollars() {}

  /**
   * Reads dollars.
   *
   * @throws IllegalArgumentException when {@code dollars} is negative, finer than a nanodollar or
   *     more than a ledger can count
   */
  public static long of(BigDecimal dollars) {
    try {
      long amount = dollars.movePointRight(DECIMALS).longValueExact();
      if (amount >= 0) {
        return amount;
      }
    } catch (ArithmeticException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "%s dollars is not an amount; it must be 0 or more, below 9,223,372,036, with at most %d decimals"
            .formatted(dollars.toPlainString(), DECIMALS));
  }

  /** The same amount in dollars, without zeros at the end. */
  public static BigDecimal dollars(long nanodollars) {
    BigDecimal dollars = BigDecimal.valueOf(nanodollars, DECIMALS).stripTrailingZeros();
    return dollars.scale() < 0 ? dollars.setScale(0, RoundingMode.UNNECESSARY) : dollars;
  }

  /** For people, as {@code $12.5}. */
  public static String text(long nanodollars) {
    return "$" + dollars(nanodollars).toPlainString();
  }
}
