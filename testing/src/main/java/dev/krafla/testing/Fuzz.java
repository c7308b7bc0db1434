package dev.krafla.testing;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Runs a property on many random cases, each from a seed of its own, so that a failure names the
 * one case to look at. {@code KRAFLA_FUZZ=100} runs a hundred times as many cases; {@code
 * KRAFLA_FUZZ_SEED=7} runs the case of seed 7 alone.
 */
public final class Fuzz {
  private static final String FACTOR = "KRAFLA_FUZZ";
  private static final String SEED = "KRAFLA_FUZZ_SEED";
  private static final int ENOUGH_FOR_BOTH = 100;

  private Fuzz() {}

  /** The property, on what {@code random} draws. */
  @FunctionalInterface
  public interface Property {
    /**
     * Fails where the property does not hold.
     *
     * @return whether the input was accepted, not refused by a proper error
     */
    boolean holds(SplittableRandom random) throws Exception;
  }

  /**
   * Fails on the first case for which {@code property} throws, and where all cases were accepted or
   * all refused: such a test would see one half of the code only. Ends after {@code cases} of them,
   * or after {@code limit} on a slow machine; both are multiplied by {@code KRAFLA_FUZZ}.
   */
  public static void check(int cases, Duration limit, Property property) {
    String only = System.getenv(SEED);
    if (only != null) {
      check(Long.parseLong(only), property);
      return;
    }
    String factor = System.getenv(FACTOR);
    int times = factor == null ? 1 : Integer.parseInt(factor);
    long end = System.nanoTime() + limit.multipliedBy(times).toNanos();
    int seed = 0;
    int accepted = 0;
    while (seed < (long) cases * times && System.nanoTime() < end) {
      accepted += check(seed++, property) ? 1 : 0;
    }
    if (seed >= ENOUGH_FOR_BOTH && (accepted == 0 || accepted == seed)) {
      throw new AssertionError("%d of %d cases were accepted".formatted(accepted, seed));
    }
  }

  private static boolean check(long seed, Property property) {
    try {
      return property.holds(new SplittableRandom(seed));
    } catch (Throwable e) { // an Error is exactly what must not happen
      throw new AssertionError("the case of %s=%d: %s".formatted(SEED, seed, e), e);
    }
  }
}
