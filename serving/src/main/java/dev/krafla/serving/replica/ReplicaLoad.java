package dev.krafla.serving.replica;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * How busy a replica says it is.
 *
 * @param kvUsage share of its cache that running requests hold, 0 to 1; empty where it does not
 *     tell
 * @param cacheTokens that its cache has room for; empty where it does not tell
 * @param counters totals that add up over replicas, by name
 */
public record ReplicaLoad(
    double running,
    double waiting,
    OptionalDouble kvUsage,
    OptionalLong cacheTokens,
    Map<String, Double> counters) {
  /** Nothing is known. */
  public static final ReplicaLoad UNKNOWN =
      new ReplicaLoad(0, 0, OptionalDouble.empty(), OptionalLong.empty(), Map.of());

  /** Counters that the router shows as the sum of its replicas'. */
  static final List<String> SUMMED =
      List.of(
          "vllm:prefix_cache_queries_total",
          "vllm:prefix_cache_hits_total",
          "vllm:prompt_tokens_total",
          "vllm:generation_tokens_total",
          "vllm:num_preemptions_total",
          "krafla_engine_busy_seconds_total");

  public ReplicaLoad {
    counters = Map.copyOf(counters);
  }

  /** Reads what a server shows at {@code /metrics}. */
  static ReplicaLoad of(String metrics, MetricNames names) {
    PrometheusText text = PrometheusText.parse(metrics);
    Map<String, Double> counters = new TreeMap<>();
    for (String name : SUMMED) {
      text.sum(name).ifPresent(value -> counters.put(name, value));
    }
    return new ReplicaLoad(
        first(names.running(), text, false).orElse(0),
        first(names.waiting(), text, false).orElse(0),
        first(names.kvUsage(), text, true),
        cacheTokens(text, names),
        counters);
  }

  private static OptionalDouble first(List<String> names, PrometheusText text, boolean largest) {
    for (String name : names) {
      OptionalDouble value = largest ? text.max(name) : text.sum(name);
      if (value.isPresent()) {
        return value;
      }
    }
    return OptionalDouble.empty();
  }

  private static OptionalLong cacheTokens(PrometheusText text, MetricNames names) {
    OptionalDouble told = names.cacheTokens().map(text::max).orElse(OptionalDouble.empty());
    if (told.isPresent()) {
      return positive(told.getAsDouble());
    }
    Optional<PrometheusText.Sample> shape = names.cacheConfig().flatMap(text::first);
    return shape.isEmpty()
        ? OptionalLong.empty()
        : positive(label(shape.get(), "block_size") * label(shape.get(), "num_gpu_blocks"));
  }

  private static OptionalLong positive(double value) {
    return value >= 1 && value < Long.MAX_VALUE
        ? OptionalLong.of((long) value)
        : OptionalLong.empty();
  }

  private static double label(PrometheusText.Sample sample, String name) {
    String text = sample.labels().getOrDefault(name, "");
    return text.matches("[0-9]{1,12}") ? Double.parseDouble(text) : 0; // vLLM writes None, too
  }
}
