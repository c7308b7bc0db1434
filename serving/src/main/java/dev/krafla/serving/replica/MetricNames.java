package dev.krafla.serving.replica;

import java.util.List;
import java.util.Optional;

/**
 * What a kind of server calls the numbers that a router needs. Of several names the first that is
 * there counts: they changed between versions.
 *
 * @param running requests being computed
 * @param waiting requests that wait for room
 * @param kvUsage share of its cache that running requests hold, 0 to 1
 * @param cacheConfig a sample whose labels say how many blocks of how many tokens its cache has
 * @param cacheTokens tokens that its cache has room for
 */
public record MetricNames(
    List<String> running,
    List<String> waiting,
    List<String> kvUsage,
    Optional<String> cacheConfig,
    Optional<String> cacheTokens) {
  static final MetricNames VLLM =
      new MetricNames(
          List.of("vllm:num_requests_running"),
          List.of("vllm:num_requests_waiting"),
          List.of("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"),
          Optional.of("vllm:cache_config_info"),
          Optional.empty());

  static final MetricNames SGLANG =
      new MetricNames(
          List.of("sglang:num_running_reqs"),
          List.of("sglang:num_queue_reqs"),
          List.of("sglang:token_usage"),
          Optional.empty(),
          Optional.of("sglang:max_total_num_tokens"));

  static final MetricNames LLAMA_CPP =
      new MetricNames(
          List.of("llamacpp:requests_processing"),
          List.of("llamacpp:requests_deferred"),
          List.of("llamacpp:kv_cache_usage_ratio"),
          Optional.empty(),
          Optional.empty());

  public MetricNames {
    running = List.copyOf(running);
    waiting = List.copyOf(waiting);
    kvUsage = List.copyOf(kvUsage);
  }
}
