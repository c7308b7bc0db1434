package dev.krafla.serving.route;

import java.util.List;

/**
 * The best by a weighted sum of scores; of equals the one with the fewest requests, then in turn.
 */
public final class WeightedPicker implements Picker {
  /** Differences below this are none. */
  private static final double EQUAL = 1e-9;

  private final List<Weighted> parts;
  private int turn;

  /** A scorer and what it counts. */
  public record Weighted(Scorer scorer, double weight) {}

  public WeightedPicker(List<Weighted> parts) {
    this.parts = List.copyOf(parts);
  }

  @Override
  public int pick(RouteRequest request, List<Candidate> candidates) {
    int size = candidates.size();
    double[] sum = new double[size];
    for (Weighted part : parts) {
      double[] scores = part.scorer.scores(request, candidates);
      for (int i = 0; i < size; i++) {
        sum[i] += part.weight * Math.clamp(scores[i], 0.0, 1.0);
      }
    }
    turn++;
    int best = Math.floorMod(turn, size);
    for (int k = 1; k < size; k++) {
      int i = Math.floorMod(turn + k, size);
      double ahead = sum[i] - sum[best];
      if (ahead > EQUAL
          || (ahead > -EQUAL && candidates.get(i).running() < candidates.get(best).running())) {
        best = i;
      }
    }
    return best;
  }
}
