package dev.krafla.engine.queue;

/**
 * How many prompt tokens a step may compute beside running answers, so that these get their next
 * token in time. Learns from every step what decoding takes and what a prompt token adds to it; the
 * latter grows with what a prompt attends to, so the newest steps count most, and a dearer one more
 * than a cheaper one. When nobody decodes, nobody is in a hurry: the whole step is for prompts.
 */
public final class StepBudget {
  /** No deadline. */
  public static final long UNHURRIED = Long.MAX_VALUE;

  /** Weight of the newest step in the running means; of one dearer than thought. */
  private static final double NEWEST = 0.2;

  private static final double NEWEST_DEARER = 0.5;

  /** Part of the deadline that is planned for; the rest is for what steps vary. */
  private static final double PLANNED = 0.85;

  /** Part of a full step that prompts get even where decoding alone takes too long. */
  private static final int LEAST_PART = 32;

  /** Part of a full step to begin with, before any was timed. */
  private static final int FIRST_PART = 4;

  /** Fewer tokens tell little of what one adds. */
  private static final int TELLING = 8;

  /** Of a step that was dearer by decoding than known, at least this part is put on prompts. */
  private static final double LEAST_SHARE = 0.2;

  private final int max;
  private double decodeNanos; // of a step without prompts; 0: not seen yet
  private double promptNanos; // that one prompt token adds; 0: not seen yet

  /**
   * @param max tokens of a full step
   */
  public StepBudget(int max) {
    this.max = max;
  }

  /**
   * Tokens for a step.
   *
   * @param decoding of these, tokens of running answers; all of them are in any step
   * @param withinNanos time that the step may take, for the most hurried of those answers
   */
  public int tokens(int decoding, long withinNanos) {
    if (decoding == 0 || withinNanos == UNHURRIED) {
      return max;
    }
    int least = Math.max(1, max / LEAST_PART);
    int prompt;
    if (promptNanos == 0) {
      prompt = Math.max(1, max / FIRST_PART);
    } else {
      double left = PLANNED * (double) withinNanos - decodeNanos;
      prompt = (int) Math.clamp(left / promptNanos, least, max);
    }
    return Math.min(max, decoding + prompt);
  }

  /** A step of so many tokens took that long. */
  public void observe(int decodeTokens, int promptTokens, long nanos) {
    if (promptTokens == 0) {
      decodeNanos = mean(decodeNanos, (double) nanos);
    } else if (promptTokens >= TELLING) {
      double decoding = decodeTokens == 0 ? 0 : decodeNanos;
      double added =
          Math.max((double) nanos - decoding, LEAST_SHARE * (double) nanos) / promptTokens;
      promptNanos = mean(promptNanos, added);
    }
  }

  private static double mean(double before, double sample) {
    if (before == 0) {
      return sample;
    }
    return before + (sample > before ? NEWEST_DEARER : NEWEST) * (sample - before);
  }

  /** What one prompt token takes; 0 while unknown. */
  public double promptNanos() {
    return promptNanos;
  }
}
