package dev.krafla.serving.route;

import java.util.List;

/** Picks a replica. Used by one router, under its lock; may keep state. */
@FunctionalInterface
public interface Picker {
  /** Index into {@code candidates}, which are not empty. */
  int pick(RouteRequest request, List<Candidate> candidates);
}
