package dev.krafla.engine;

/**
 * Shares a step's time out among those who were in it, by rows: nanosecond by nanosecond, so that
 * the parts are exactly the whole. Where nothing was computed, as all had it from before, by head.
 */
final class StepShares {
  private StepShares() {}

  /** Charges {@code nanos} and the rows of {@code step} to its requests. */
  static void charge(Step step, long nanos) {
    int rows = step.tokens();
    if (rows == 0) {
      chargeByHead(step, nanos);
      return;
    }
    long before = 0;
    int counted = 0;
    for (int i = 0; i < step.size(); i++) {
      int own = step.count(i) + step.draft(i);
      counted += own;
      long until = partOf(nanos, counted, rows);
      step.sequence(i).generation.computed(own, until - before);
      before = until;
    }
  }

  private static void chargeByHead(Step step, long nanos) {
    int heads = step.repeats().size() + step.loads().size();
    long before = 0;
    for (int i = 0; i < heads; i++) {
      Sequence s =
          i < step.repeats().size()
              ? step.repeats().get(i)
              : step.loads().get(i - step.repeats().size()).sequence;
      long until = partOf(nanos, i + 1, heads);
      s.generation.computed(0, until - before);
      before = until;
    }
  }

  /** {@code nanos · part / whole}, rounded down; exact for any time a step may take. */
  static long partOf(long nanos, int part, int whole) {
    return nanos / whole * part + nanos % whole * part / whole;
  }
}
