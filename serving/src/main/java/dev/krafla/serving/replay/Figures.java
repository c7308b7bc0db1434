package dev.krafla.serving.replay;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a run came to.
 *
 * @param requests that were sent
 * @param completed that got a whole answer; tokens, times and rates below are of these
 * @param failures how many failed, by reason
 * @param hitRate cached ÷ all prompt tokens; absent where workers do not tell
 * @param computeSeconds of all workers
 * @param computeSource where they come from, for people
 * @param tokensPerComputeSecond prompt and output tokens served per second of compute
 * @param outputTokensPerSecond drawn per second of wall time
 * @param timeToFirstToken from when a request was due
 * @param timePerToken after the first, of answers with two tokens or more
 * @param lateness of the driver
 * @param goodput requests per second of wall time that kept the deadlines
 * @param goodShare of all requests, those that kept them
 * @param costPerMillionTokens of prompt and output, by compute seconds
 * @param mostlyCachedShare of completed requests, those of whose prompt 90 % or more was cached
 */
public record Figures(
    int requests,
    int completed,
    Map<String, Long> failures,
    long promptTokens,
    long cachedTokens,
    long outputTokens,
    OptionalDouble hitRate,
    double wallSeconds,
    double computeSeconds,
    String computeSource,
    double tokensPerComputeSecond,
    double tokensPerSecond,
    double outputTokensPerSecond,
    Spread timeToFirstToken,
    Spread timePerToken,
    Spread lateness,
    double goodput,
    double goodShare,
    double costPerMillionTokens,
    double mostlyCachedShare) {
  private static final double MOSTLY = 0.9;
  private static final double SECONDS_PER_HOUR = 3600;

  public Figures {
    failures = Map.copyOf(failures);
  }

  /**
   * Adds {@code run} up.
   *
   * @param pricePerWorkerHour of a worker, in any currency
   */
  public static Figures of(Run run, Deadlines deadlines, double pricePerWorkerHour) {
    List<Outcome> whole = run.outcomes().stream().filter(o -> o.failure().isEmpty()).toList();
    long prompt = whole.stream().mapToLong(Outcome::promptTokens).sum();
    long output = whole.stream().mapToLong(Outcome::outputTokens).sum();
    long cached = whole.stream().mapToLong(o -> o.cachedTokens().orElse(0)).sum();
    boolean told = !whole.isEmpty() && whole.stream().allMatch(o -> o.cachedTokens().isPresent());
    long good = run.outcomes().stream().filter(deadlines::kept).count();
    long mostly =
        whole.stream().filter(o -> o.cachedTokens().orElse(0) >= MOSTLY * o.promptTokens()).count();
    double wall = seconds(run.wall());
    double compute = seconds(run.computeOrWall());
    double tokens = (double) (prompt + output);
    return new Figures(
        run.outcomes().size(),
        whole.size(),
        failures(run.outcomes()),
        prompt,
        cached,
        output,
        told ? OptionalDouble.of(ratio((double) cached, (double) prompt)) : OptionalDouble.empty(),
        wall,
        compute,
        run.compute().isPresent() ? run.computeSource() : "wall time × workers",
        ratio(tokens, compute),
        ratio(tokens, wall),
        ratio((double) output, wall),
        spread(whole, Outcome::timeToFirstToken),
        spread(whole.stream().filter(o -> o.outputTokens() > 1).toList(), Outcome::timePerToken),
        spread(run.outcomes(), Outcome::lateness),
        ratio((double) good, wall),
        ratio((double) good, run.outcomes().size()),
        ratio(compute / SECONDS_PER_HOUR * pricePerWorkerHour, tokens / 1e6),
        ratio((double) mostly, whole.size()));
  }

  private static Map<String, Long> failures(List<Outcome> outcomes) {
    return outcomes.stream()
        .flatMap(o -> o.failure().stream())
        .map(reason -> reason.replaceAll("[0-9]+", "N")) // one reason, whatever its numbers
        .collect(Collectors.groupingBy(r -> r, TreeMap::new, Collectors.counting()));
  }

  private static Spread spread(List<Outcome> outcomes, Function<Outcome, Duration> value) {
    return Spread.of(outcomes.stream().map(value).toList());
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static double ratio(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }
}
