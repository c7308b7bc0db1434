package dev.krafla.serving.proxy;

import dev.krafla.serving.replica.Circuit;
import dev.krafla.serving.replica.Replica;
import dev.krafla.serving.replica.ReplicaLoad;
import dev.krafla.serving.replica.ReplicaPool;
import dev.krafla.serving.route.Router;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What a router shows at {@code /metrics}: of its replicas vLLM's names, requests and tokens summed
 * and the fullest cache, so that another picker can stand in front of it; and its own under {@code
 * krafla_router_}. Thread-safe.
 */
final class ProxyMetrics {
  private static final double[] PICK = {
    0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.01, 0.1
  };
  private static final double[] FIRST_BYTE = {
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
    80, 160
  };
  private static final double NANOS = 1e9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ReplicaPool pool;
  private final Histogram pick;
  private final Histogram firstByte;
  private final Counter answered;
  private final Counter failed;
  private final Counter requests;
  private final Counter prefills;
  private final Counter tokenized;
  private final Counter promptTokens;
  private final Counter uncachedTokens;

  ProxyMetrics(ReplicaPool pool) {
    this.pool = pool;
    pick = histogram("krafla_router_pick_seconds", "To choose a replica.", PICK);
    firstByte =
        histogram(
            "krafla_router_first_byte_seconds",
            "From sending a request on to the first byte of its answer.",
            FIRST_BYTE);
    requests =
        counter("krafla_router_requests_total", "Requests, by the status they got.", "status");
    answered =
        counter("krafla_router_replica_answers_total", "Answers that came whole.", "replica");
    failed =
        Counter.builder()
            .name("krafla_router_replica_failures_total")
            .help("Tries that gave no whole answer, by reason.")
            .labelNames("replica", "reason")
            .register(registry);
    prefills =
        counter(
            "krafla_router_prefills_total",
            "Prompts for decode replicas: remote, not_worth_it, no_replica, failed.",
            "outcome");
    tokenized =
        counter(
            "krafla_router_tokenized_total",
            "Prompts whose tokens were asked of a replica: found, failed.",
            "outcome");
    promptTokens =
        Counter.builder()
            .name("krafla_router_prompt_tokens_total")
            .help("Of requests that were answered; of texts, an estimate.")
            .register(registry);
    uncachedTokens =
        Counter.builder()
            .name("krafla_router_uncached_tokens_total")
            .help("Of these, what was expected not to be in the chosen replica's cache.")
            .register(registry);
    registerReplicas();
    registerSums();
  }

  private void registerReplicas() {
    replicaGauge(
        "krafla_router_replica_ready", "1: takes requests.", r -> r.takesRequests() ? 1 : 0);
    replicaGauge(
        "krafla_router_replica_circuit",
        "0 closed, 1 one request tries, 2 open.",
        r ->
            switch (r.circuit().state()) {
              case Circuit.State.Closed _ -> 0;
              case Circuit.State.HalfOpen _ -> 1;
              case Circuit.State.Open _ -> 2;
            });
    replicaGauge("krafla_router_replica_sent", "Sent there and not ended.", pool::running);
    replicaGauge(
        "krafla_router_replica_kv_usage",
        "As it last told, 0 to 1.",
        r -> r.health().load().kvUsage().orElse(0));
  }

  private void registerSums() {
    gauge(
        "vllm:num_requests_running",
        "Answers being computed, of all replicas.",
        loads -> loads.stream().mapToDouble(ReplicaLoad::running).sum());
    gauge(
        "vllm:num_requests_waiting",
        "Requests that wait for room, of all replicas.",
        loads -> loads.stream().mapToDouble(ReplicaLoad::waiting).sum());
    gauge(
        "vllm:kv_cache_usage_perc",
        "Share of the KV blocks in use, of the replica with the fullest cache.",
        loads -> loads.stream().mapToDouble(l -> l.kvUsage().orElse(0)).max().orElse(0));
    for (String name : ReplicaPool.SUMMED_COUNTERS) {
      CounterWithCallback.builder()
          .name(name)
          .help("Sum of all replicas'.")
          .callback(to ->
              to.call(
                  loads().stream().mapToDouble(l -> l.counters().getOrDefault(name, 0.0)).sum()))
          .register(registry);
    }
  }

  private List<ReplicaLoad> loads() {
    return pool.replicas().stream().map(r -> r.health().load()).toList();
  }

  private void gauge(String name, String help, ToDoubleFunction<List<ReplicaLoad>> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(to -> to.call(value.applyAsDouble(loads())))
        .register(registry);
  }

  private void replicaGauge(String name, String help, ToDoubleFunction<Replica> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("replica")
        .callback(to -> pool.replicas().forEach(r -> to.call(value.applyAsDouble(r), r.toString())))
        .register(registry);
  }

  private Counter counter(String name, String help, String label) {
    return Counter.builder().name(name).help(help).labelNames(label).register(registry);
  }

  private Histogram histogram(String name, String help, double[] bounds) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(bounds)
        .register(registry);
  }

  void picked(long nanos) {
    pick.observe(nanos / NANOS);
  }

  void firstByte(long nanos) {
    firstByte.observe(nanos / NANOS);
  }

  void answered(Replica replica, Ask ask, Router.Ticket ticket) {
    answered.labelValues(replica.toString()).inc();
    if (ask.path().generates()) {
      promptTokens.inc(ask.routing().promptTokens());
      uncachedTokens.inc(ticket.uncachedTokens());
    }
  }

  void failed(Replica replica, String reason) {
    failed.labelValues(replica.toString(), reason).inc();
  }

  void prefill(String outcome) {
    prefills.labelValues(outcome).inc();
  }

  void tokenized(String outcome) {
    tokenized.labelValues(outcome).inc();
  }

  /** A request has ended with this status; 0: its client left before. */
  void ended(int status) {
    requests.labelValues(status == 0 ? "client_left" : Integer.toString(status)).inc();
  }

  /** All of it in Prometheus' text format 0.0.4. */
  String text() {
    var out = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(out, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
