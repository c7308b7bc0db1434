package dev.krafla.serving.route;

/** Rules out replicas. Pure. */
@FunctionalInterface
public interface Filter {
  /** Whether {@code candidate} may get {@code request}. */
  boolean admits(RouteRequest request, Candidate candidate);
}
