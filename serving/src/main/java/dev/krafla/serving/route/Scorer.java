package dev.krafla.serving.route;

import java.util.List;

/** Says how good replicas are for a request, in one respect. Pure. */
@FunctionalInterface
public interface Scorer {
  /** A score for each of {@code candidates}, 0 to 1; what is outside counts as the nearer end. */
  double[] scores(RouteRequest request, List<Candidate> candidates);

  /**
   * Less work until the first token is better: what waits there already, and what of this request
   * is not cached there. The urgency says how much saved work counts against waiting. Both are
   * tokens, so that nothing has to be tuned to a model or a machine.
   */
  Scorer EXPECTED_WORK =
      (request, candidates) -> {
        double weight = request.urgency().savedWork();
        double[] work = new double[candidates.size()];
        double most = 1;
        for (int i = 0; i < work.length; i++) {
          Candidate c = candidates.get(i);
          work[i] = c.queuedTokens() + weight * c.uncachedTokens();
          most = Math.max(most, work[i]);
        }
        for (int i = 0; i < work.length; i++) {
          work[i] = 1 - work[i] / most;
        }
        return work;
      };

  /** Emptier caches are better: a full one would have to throw out what others come back for. */
  Scorer FREE_CACHE =
      (_, candidates) -> candidates.stream().mapToDouble(c -> 1 - c.kvUsage()).toArray();
}
