package dev.krafla.engine.constrain;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Draws numbers within a schema's bounds. */
final class SchemaNumbers {
  /** Most values that are listed one by one, where there is no better way. */
  private static final int MAX_LISTED = 2_000;

  /** Largest divisor whose remainders are kept track of. */
  private static final int MAX_DIVISOR = 100;

  /** Digits that a double is sure to tell apart. */
  private static final int DOUBLE_DIGITS = 15;

  /** Beyond this every bound is like none; keeps exponents of a billion from being written out. */
  private static final BigDecimal HUGE = BigDecimal.TEN.pow(JsonRules.MAX_INTEGER_DIGITS + 1);

  /** A bound of a schema. */
  private record Bound(BigDecimal value, boolean excluded) {}

  private final NfaBuilder nfa;
  private final JsonRules json;

  SchemaNumbers(NfaBuilder nfa, JsonRules json) {
    this.nfa = nfa;
    this.json = json;
  }

  /** Draws the numbers that {@code s} allows; {@code integer}: whole ones only. */
  void draw(JsonNode s, String path, boolean integer, int from, int to) {
    Bound low = bound(s, "minimum", "exclusiveMinimum", 1, path);
    Bound high = bound(s, "maximum", "exclusiveMaximum", -1, path);
    BigDecimal step = number(s, "multipleOf", path);
    if (step != null && step.signum() <= 0) {
      throw SchemaCompiler.refuse(
          path + "/multipleOf", "is %s; it must be above 0".formatted(step));
    }
    if (step != null && !isDecimalPlace(step)) {
      multiples(step, low, high, integer, path, from, to);
    } else if (low == null && high == null && step == null) {
      if (integer) {
        json.integer(from, to);
      } else {
        json.number(from, to);
      }
    } else {
      int fraction = step == null ? fractionDigits(low, high) : step.stripTrailingZeros().scale();
      NumberRange range = range(low, high, integer ? 0 : Math.min(fraction, DOUBLE_DIGITS));
      if (range.isEmpty()) {
        throw SchemaCompiler.refuse(path, "has bounds that no number is within");
      }
      nfa.regex(from, range.regex(), false, to);
    }
  }

  /** Whether {@code step} is 1, 0.1, 0.01 and so on. */
  private static boolean isDecimalPlace(BigDecimal step) {
    BigDecimal plain = step.stripTrailingZeros();
    return plain.unscaledValue().equals(BigInteger.ONE) && plain.scale() >= 0;
  }

  private static NumberRange range(@Nullable Bound low, @Nullable Bound high, int fraction) {
    return NumberRange.of(
        low == null ? null : low.value,
        low != null && low.excluded,
        high == null ? null : high.value,
        high != null && high.excluded,
        fraction);
  }

  /** As many as keep numbers near the bounds apart from these when read as doubles. */
  private static int fractionDigits(@Nullable Bound low, @Nullable Bound high) {
    int whole = 1;
    for (Bound b : new @Nullable Bound[] {low, high}) {
      if (b != null) {
        whole = Math.max(whole, b.value.precision() - b.value.scale());
      }
    }
    return Math.max(1, DOUBLE_DIGITS - whole);
  }

  private static @Nullable Bound bound(
      JsonNode s, String including, String excluding, int sign, String path) {
    BigDecimal in = number(s, including, path);
    BigDecimal out = number(s, excluding, path);
    if (out != null && (in == null || Integer.signum(out.compareTo(in)) != -sign)) {
      return new Bound(out, true);
    }
    return in == null ? null : new Bound(in, false);
  }

  private static @Nullable BigDecimal number(JsonNode s, String keyword, String path) {
    JsonNode n = s.path(keyword);
    if (n.isMissingNode()) {
      return null;
    }
    if (!n.isNumber()) {
      throw SchemaCompiler.refuse(path + "/" + keyword, "is %s, which is no number".formatted(n));
    }
    BigDecimal value = n.decimalValue();
    if (value.scale() > 1_000) {
      throw SchemaCompiler.refuse(
          path + "/" + keyword, "has more than 1,000 digits after the point; use fewer");
    }
    return value.compareTo(HUGE) > 0
        ? HUGE
        : value.compareTo(HUGE.negate()) < 0 ? HUGE.negate() : value;
  }

  private void multiples(
      BigDecimal step,
      @Nullable Bound low,
      @Nullable Bound high,
      boolean integer,
      String path,
      int from,
      int to) {
    boolean wholeStep = step.stripTrailingZeros().scale() <= 0;
    if (low != null && high != null) {
      BigInteger first = inward(low, step, RoundingMode.CEILING);
      BigInteger last = inward(high, step, RoundingMode.FLOOR);
      if (last.subtract(first).compareTo(BigInteger.valueOf(MAX_LISTED)) < 0) {
        for (BigInteger n = first; n.compareTo(last) <= 0; n = n.add(BigInteger.ONE)) {
          BigDecimal value = step.multiply(new BigDecimal(n)).stripTrailingZeros();
          if (!integer || value.scale() <= 0) {
            nfa.literal(from, value.toPlainString(), to);
          }
        }
        return;
      }
    } else if (low == null
        && high == null
        && wholeStep
        && step.compareTo(BigDecimal.valueOf(MAX_DIVISOR)) <= 0) {
      divisible(step.intValueExact(), from, to);
      return;
    }
    throw SchemaCompiler.refuse(
        path,
        "has multipleOf %s, which cannot be enforced with these bounds; take both bounds with up to %,d values between, or a whole step of up to %d without bounds, or a power of ten up to 1"
            .formatted(step, MAX_LISTED, MAX_DIVISOR));
  }

  /** The outermost multiple of {@code step} within a bound, in steps. */
  private static BigInteger inward(Bound bound, BigDecimal step, RoundingMode mode) {
    BigInteger n = bound.value.divide(step, 0, mode).toBigIntegerExact();
    boolean onBound = step.multiply(new BigDecimal(n)).compareTo(bound.value) == 0;
    if (!bound.excluded || !onBound) {
      return n;
    }
    return mode == RoundingMode.CEILING ? n.add(BigInteger.ONE) : n.subtract(BigInteger.ONE);
  }

  /** Integers without remainder by {@code divisor}: a state for each remainder and length. */
  private void divisible(int divisor, int from, int to) {
    int unsigned = nfa.state();
    nfa.epsilon(from, unsigned);
    nfa.bytes(from, '-', '-', unsigned);
    nfa.bytes(from, '0', '0', to);
    int[] row = states(divisor);
    for (int digit = 1; digit <= 9; digit++) {
      nfa.bytes(unsigned, '0' + digit, '0' + digit, row[digit % divisor]);
    }
    for (int length = 1; length < JsonRules.MAX_INTEGER_DIGITS; length++) {
      int[] next = states(divisor);
      for (int r = 0; r < divisor; r++) {
        for (int digit = 0; digit <= 9; digit++) {
          nfa.bytes(row[r], '0' + digit, '0' + digit, next[(r * 10 + digit) % divisor]);
        }
      }
      nfa.epsilon(row[0], to);
      row = next;
    }
    nfa.epsilon(row[0], to);
  }

  private int[] states(int count) {
    int[] states = new int[count];
    for (int i = 0; i < count; i++) {
      states[i] = nfa.state();
    }
    return states;
  }
}
