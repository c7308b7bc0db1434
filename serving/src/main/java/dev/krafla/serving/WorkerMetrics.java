package dev.krafla.serving;

import dev.krafla.engine.EndedRequest;
import dev.krafla.engine.EngineStats;
import dev.krafla.engine.kvstore.KvTierStats;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What a worker shows at {@code /metrics}: vLLM's names, so that routers and dashboards made for it
 * work here, and our own under {@code krafla_}. Gauges and counters of the engine are read when
 * they are asked for; only times are recorded as they happen. Thread-safe.
 */
final class WorkerMetrics {
  /** vLLM's buckets, in seconds. */
  private static final double[] FIRST_TOKEN = {
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
    80, 160, 640, 2560
  };

  /** vLLM's, and three below: small models on a CPU take less than its least. */
  private static final double[] BETWEEN_TOKENS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5,
    7.5, 10, 20, 40, 80
  };

  private static final double[] REQUEST = {
    0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920,
    7680
  };

  private static final double[] TOKENS = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Labels labels;
  private final Supplier<EngineStats> stats;
  private final Histogram firstToken;
  private final Histogram betweenTokens;
  private final Histogram perOutputToken;
  private final Histogram endToEnd;
  private final Histogram queued;
  private final Histogram promptTokens;
  private final Histogram outputTokens;
  private final Counter finished;
  private final Counter refused;
  private final ClassMetrics classes;

  WorkerMetrics(ServedModel served, Supplier<EngineStats> stats) {
    this.stats = stats;
    labels = Labels.of("model_name", served.id(), "engine", "0");
    firstToken =
        histogram(
            "vllm:time_to_first_token_seconds", "From arrival to the first token.", FIRST_TOKEN);
    betweenTokens =
        histogram(
            "vllm:inter_token_latency_seconds", "Between two tokens of an answer.", BETWEEN_TOKENS);
    perOutputToken =
        histogram(
            "vllm:request_time_per_output_token_seconds",
            "Mean time per token after the first, of a request.",
            BETWEEN_TOKENS);
    endToEnd =
        histogram("vllm:e2e_request_latency_seconds", "From arrival to the last token.", REQUEST);
    queued =
        histogram("vllm:request_queue_time_seconds", "From arrival to the first step.", REQUEST);
    promptTokens = histogram("vllm:request_prompt_tokens", "Prompt tokens of a request.", TOKENS);
    outputTokens =
        histogram("vllm:request_generation_tokens", "Tokens drawn for a request.", TOKENS);
    finished =
        Counter.builder()
            .name("vllm:request_success_total")
            .help("Answers that ended, by reason: stop, length, tool_calls, abort.")
            .labelNames("finished_reason")
            .constLabels(labels)
            .register(registry);
    refused =
        Counter.builder()
            .name("krafla_requests_refused_total")
            .help("Requests answered with an error, by HTTP status.")
            .labelNames("status")
            .constLabels(labels)
            .register(registry);
    classes = new ClassMetrics(registry, labels);
    registerEngine();
    registerTiers();
    new HandOffMetrics(registry, labels, () -> stats.get().handOffs());
    info(served);
  }

  private void registerEngine() {
    gauge("vllm:num_requests_running", "Answers being computed.", EngineStats::running);
    gauge("vllm:num_requests_waiting", "Requests that wait for room.", EngineStats::waiting);
    gauge(
        "vllm:kv_cache_usage_perc",
        "Share of the KV blocks in use, 0 to 1.",
        s -> s.totalBlocks() == 0 ? 0 : (double) s.usedBlocks() / s.totalBlocks());
    counter(
        "vllm:prefix_cache_queries_total",
        "Prompt tokens looked up in the prefix cache.",
        EngineStats::prefixQueryTokens);
    counter(
        "vllm:prefix_cache_hits_total",
        "Prompt tokens found in the prefix cache.",
        EngineStats::prefixHitTokens);
    counter("vllm:prompt_tokens_total", "Prompt tokens taken in.", EngineStats::promptTokens);
    counter("vllm:generation_tokens_total", "Tokens drawn.", EngineStats::generationTokens);
    counter(
        "vllm:num_preemptions_total",
        "Answers that lost their blocks and had to start over.",
        EngineStats::preemptions);
    counter(
        "krafla_computed_tokens_total",
        "Rows that went through the model, recomputed ones included.",
        EngineStats::computedTokens);
    counter(
        "krafla_prompts_repeated_total",
        "Prompts that were asked before: their first tokens came without computing.",
        EngineStats::repeatedPrompts);
    counter(
        "vllm:spec_decode_num_draft_tokens_total",
        "Guessed tokens that were checked.",
        EngineStats::draftTokens);
    counter(
        "vllm:spec_decode_num_accepted_tokens_total",
        "Guessed tokens that came true.",
        EngineStats::acceptedTokens);
    counter(
        "krafla_draft_model_tokens_total",
        "Of the guessed tokens that were checked, those of a draft model.",
        EngineStats::modelDraftTokens);
    counter(
        "krafla_draft_model_accepted_tokens_total",
        "Of these, tokens that came true.",
        EngineStats::modelAcceptedTokens);
    counter("krafla_engine_steps_total", "Forward passes.", EngineStats::steps);
    counter(
        "krafla_engine_busy_seconds_total",
        "Time in which a step was under way.",
        s -> seconds(s.busy()));
    gauge("krafla_kv_blocks_used", "KV blocks of running answers.", EngineStats::usedBlocks);
    counter("krafla_requests_aborted_total", "Clients that left.", EngineStats::aborted);
    counter("krafla_requests_failed_total", "Requests that failed here.", EngineStats::failed);
    counter(
        "krafla_requests_shed_total",
        "Refused while waiting: the first token could not come in time.",
        EngineStats::shed);
    counter("krafla_requests_rejected_total", "Refused: queue full.", EngineStats::rejected);
  }

  /** The stores below memory that keep the KV cache; a label names each. */
  private void registerTiers() {
    counter(
        "vllm:external_prefix_cache_hits_total",
        "Prompt tokens whose KV was read from a store below memory.",
        EngineStats::loadedTokens);
    counter(
        "krafla_kv_writes_dropped_total",
        "Entries not written to a store: the writer was behind, or the store failed.",
        EngineStats::droppedWrites);
    gauge(
        "krafla_prefill_tokens_per_second",
        "How fast prompts are computed; reading from a store is weighed against it.",
        EngineStats::prefillTokensPerSecond);
    tierCounter("krafla_kv_tier_hits_total", "Entries read, sound.", KvTierStats::hits);
    tierCounter("krafla_kv_tier_misses_total", "Entries not there.", KvTierStats::misses);
    tierCounter(
        "krafla_kv_tier_damaged_total", "Entries that failed their check.", KvTierStats::damaged);
    tierCounter(
        "krafla_kv_tier_passed_over_total",
        "Requests for which computing was expected to be faster than reading.",
        KvTierStats::passedOver);
    tierCounter("krafla_kv_tier_read_bytes_total", "Of entries read.", KvTierStats::bytesRead);
    tierCounter("krafla_kv_tier_written_bytes_total", "Written.", KvTierStats::bytesWritten);
    tierCounter(
        "krafla_kv_tier_read_seconds_total",
        "Time of reading and checking, over all loads.",
        t -> seconds(t.readTime()));
    tierGauge(
        "krafla_kv_tier_bytes_per_second",
        "Bandwidth on which the choice between reading and computing rests.",
        KvTierStats::bytesPerSecond);
    tierGauge(
        "krafla_kv_tier_latency_seconds", "Per entry, likewise.", KvTierStats::latencySeconds);
    tierGauge("krafla_kv_tier_bytes", "Kept there.", KvTierStats::bytes);
    tierGauge(
        "krafla_kv_tier_available",
        "1, or 0 while it is left alone after a failure.",
        tier -> tier.available() ? 1 : 0);
    tierGauge("krafla_kv_tier_limit_bytes", "Most that is kept there.", KvTierStats::maxBytes);
  }

  private void tierCounter(String name, String help, ToDoubleFunction<KvTierStats> value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("tier")
        .constLabels(labels)
        .callback(to -> stats.get().tiers().forEach(t -> to.call(value.applyAsDouble(t), t.name())))
        .register(registry);
  }

  private void tierGauge(String name, String help, ToDoubleFunction<KvTierStats> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("tier")
        .constLabels(labels)
        .callback(to -> stats.get().tiers().forEach(t -> to.call(value.applyAsDouble(t), t.name())))
        .register(registry);
  }

  private void info(ServedModel served) {
    EngineStats now = stats.get();
    Info.builder()
        .name("vllm:cache_config")
        .help("Shape of the KV cache.")
        .labelNames("block_size", "num_gpu_blocks")
        .constLabels(labels)
        .register(registry)
        .addLabelValues(Integer.toString(now.blockTokens()), Integer.toString(now.totalBlocks()));
    Info.builder()
        .name("krafla_model")
        .help("The model and the kernels that run it.")
        .labelNames("architecture", "digest", "kernel_tier")
        .constLabels(labels)
        .register(registry)
        .addLabelValues(served.info().architecture(), served.info().digest(), served.kernelTier());
  }

  /** The engine's account of a request that has ended. */
  void ended(EndedRequest request) {
    classes.add(request);
  }

  /** Starts the clock of one request. */
  RequestTimes begin() {
    return new RequestTimes(this);
  }

  void firstToken(Duration sinceArrival) {
    firstToken.observe(seconds(sinceArrival));
  }

  void betweenTokens(Duration gap) {
    betweenTokens.observe(seconds(gap));
  }

  /** An answer has ended; a request with n answers has n of them. */
  void answerEnded(String reason) {
    finished.labelValues(reason).inc();
  }

  /** A request has ended with all of its answers. */
  void requestEnded(Duration total, Duration afterFirst, Duration inQueue, int prompt, int output) {
    endToEnd.observe(seconds(total));
    queued.observe(seconds(inQueue));
    promptTokens.observe(prompt);
    outputTokens.observe(output);
    if (output > 1) {
      perOutputToken.observe(seconds(afterFirst) / (output - 1));
    }
  }

  void refused(int status) {
    refused.labelValues(Integer.toString(status)).inc();
  }

  /** All of it as of now. */
  MetricSnapshots scrape() {
    return registry.scrape();
  }

  private Histogram histogram(String name, String help, double[] bounds) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(bounds)
        .constLabels(labels)
        .register(registry);
  }

  private void gauge(String name, String help, ToDoubleFunction<EngineStats> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .constLabels(labels)
        .callback(to -> to.call(value.applyAsDouble(stats.get())))
        .register(registry);
  }

  private void counter(String name, String help, ToDoubleFunction<EngineStats> value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .constLabels(labels)
        .callback(to -> to.call(value.applyAsDouble(stats.get())))
        .register(registry);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
