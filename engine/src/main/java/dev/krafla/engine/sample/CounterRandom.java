package dev.krafla.engine.sample;

/**
 * Random numbers without state: the number for a place depends on the seed and the place alone, so
 * that an answer is the same in any batch and after any preemption. Mixing as in SplitMix64
 * (Steele, Lea, Flood 2014), one round per input.
 */
public final class CounterRandom {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private CounterRandom() {}

  /** A number in [0, 1) for the {@code position}-th token of answer {@code choice}. */
  public static double uniform(long seed, int choice, int position) {
    long z = mix(seed + GOLDEN);
    z = mix(z + (choice + 1L) * GOLDEN);
    z = mix(z + (position + 1L) * GOLDEN);
    return (z >>> 11) * 0x1p-53;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
