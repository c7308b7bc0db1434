package dev.krafla.serving.route;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** How replicas are chosen: ours, and what it is compared with. */
public enum Policy {
  /** Where least is to be computed before the first token, cached prefixes counted. */
  PREFIX,
  /** One after the other. */
  ROUND_ROBIN,
  /** The one with the fewest requests. */
  LEAST_LOADED,
  /** Any. */
  RANDOM;

  private static final double CACHE_PRESSURE = 0.02;

  /** As on a command line: {@code round-robin}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A picker with state of its own. */
  public Picker picker(long seed) {
    return switch (this) {
      case PREFIX ->
          new WeightedPicker(
              List.of(
                  new WeightedPicker.Weighted(Scorer.EXPECTED_WORK, 1),
                  new WeightedPicker.Weighted(Scorer.FREE_CACHE, CACHE_PRESSURE)));
      case ROUND_ROBIN -> roundRobin();
      case LEAST_LOADED -> new WeightedPicker(List.of()); // all are equal: fewest requests, in turn
      case RANDOM -> random(seed);
    };
  }

  private static Picker roundRobin() {
    return new Picker() {
      private int last = -1; // replica

      @Override
      public int pick(RouteRequest request, List<Candidate> candidates) {
        int next = 0; // the first above the last; else from the start
        for (int i = candidates.size() - 1; i >= 0; i--) {
          next = candidates.get(i).replica() > last ? i : next;
        }
        last = candidates.get(next).replica();
        return next;
      }
    };
  }

  private static Picker random(long seed) {
    var random = new SplittableRandom(seed);
    return (_, candidates) -> random.nextInt(candidates.size());
  }
}
