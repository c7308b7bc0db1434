package dev.krafla.engine.constrain;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decimal numbers without exponent between two bounds, both included and both whole multiples of
 * {@code 10^-fraction}.
 *
 * @param low, high in units of {@code 10^-fraction}
 * @param fraction most digits after the point
 */
record NumberRange(BigInteger low, BigInteger high, int fraction) {
  /**
   * The range of a schema's bounds at a resolution of {@code fraction} digits. Missing bounds are
   * those of numbers with {@link JsonRules#MAX_INTEGER_DIGITS} digits.
   */
  static NumberRange of(
      @Nullable BigDecimal minimum,
      boolean minimumExcluded,
      @Nullable BigDecimal maximum,
      boolean maximumExcluded,
      int fraction) {
    BigInteger most =
        BigInteger.TEN.pow(JsonRules.MAX_INTEGER_DIGITS + fraction).subtract(BigInteger.ONE);
    return new NumberRange(
        minimum == null
            ? most.negate()
            : inward(minimum, fraction, RoundingMode.CEILING, minimumExcluded),
        maximum == null ? most : inward(maximum, fraction, RoundingMode.FLOOR, maximumExcluded),
        fraction);
  }

  private static BigInteger inward(
      BigDecimal bound, int fraction, RoundingMode mode, boolean excluded) {
    BigDecimal scaled = bound.scaleByPowerOfTen(fraction);
    BigDecimal whole = scaled.setScale(0, mode);
    if (excluded && whole.compareTo(scaled) == 0) {
      whole = whole.add(mode == RoundingMode.CEILING ? BigDecimal.ONE : BigDecimal.ONE.negate());
    }
    return whole.toBigIntegerExact();
  }

  /** Whether no number is in the range. */
  boolean isEmpty() {
    return low.compareTo(high) > 0;
  }

  /** The numbers of the range in decimal notation; zero has no sign. */
  Regex regex() {
    var signs = new ArrayList<Regex>();
    if (low.signum() < 0) {
      BigInteger least = high.signum() < 0 ? high.negate() : BigInteger.ONE;
      signs.add(new Regex.Seq(List.of(Regex.text("-"), magnitudes(least, low.negate()))));
    }
    if (high.signum() >= 0) {
      signs.add(magnitudes(low.max(BigInteger.ZERO), high));
    }
    return new Regex.Alt(signs);
  }

  /** By number of digits before the point: among equals, order is that of the digits. */
  private Regex magnitudes(BigInteger least, BigInteger most) {
    var lengths = new ArrayList<Regex>();
    BigInteger start = BigInteger.ZERO;
    for (int digits = 1; start.compareTo(most) <= 0; digits++) {
      BigInteger next = BigInteger.TEN.pow(digits + fraction);
      BigInteger from = start.max(least);
      BigInteger to = next.subtract(BigInteger.ONE).min(most);
      if (from.compareTo(to) <= 0) {
        lengths.add(
            new Between(padded(from, digits), padded(to, digits), digits).rest(0, true, true));
      }
      start = next;
    }
    return new Regex.Alt(lengths);
  }

  private String padded(BigInteger n, int digits) {
    String s = n.toString();
    return "0".repeat(digits + fraction - s.length()) + s;
  }

  /**
   * Digit strings of one length between two others; the point stands after {@code whole} digits.
   */
  private record Between(String low, String high, int whole) {
    /** What may follow {@code at} digits that equal the bounds' where these are tight. */
    Regex rest(int at, boolean tightLow, boolean tightHigh) {
      int length = low.length();
      if (at == length) {
        return Regex.EMPTY;
      }
      Regex more =
          tightLow || tightHigh
              ? bounded(at, tightLow, tightHigh)
              : free(at < whole ? whole - at : 1, at < whole ? whole - at : length - at);
      if (at < whole) {
        return tightLow || tightHigh
            ? more
            : new Regex.Seq(List.of(more, rest(whole, false, false)));
      }
      if (at == whole) {
        more = new Regex.Seq(List.of(Regex.text("."), more));
      }
      boolean mayStop = !tightLow || low.substring(at).chars().allMatch(c -> c == '0');
      return mayStop ? new Regex.Alt(List.of(Regex.EMPTY, more)) : more;
    }

    private static Regex free(int min, int max) {
      return new Regex.Repeat(new Regex.Chars(CharClass.DIGIT), min, max);
    }

    /** One digit and what may follow. */
    private Regex bounded(int at, boolean tightLow, boolean tightHigh) {
      int least = tightLow ? low.charAt(at) : '0';
      int most = tightHigh ? high.charAt(at) : '9';
      if (least == most) {
        return digit(least, most, rest(at + 1, tightLow, tightHigh));
      }
      var branches = new ArrayList<Regex>();
      int from = least;
      int to = most;
      if (tightLow) {
        branches.add(digit(least, least, rest(at + 1, true, false)));
        from++;
      }
      if (tightHigh) {
        branches.add(digit(most, most, rest(at + 1, false, true)));
        to--;
      }
      if (from <= to) {
        branches.add(digit(from, to, rest(at + 1, false, false)));
      }
      return new Regex.Alt(branches);
    }

    private static Regex digit(int from, int to, Regex rest) {
      return new Regex.Seq(List.of(new Regex.Chars(CharClass.of(from, to)), rest));
    }
  }
}
