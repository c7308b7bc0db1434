package dev.krafla.serving;

import dev.krafla.engine.transfer.HandOffStats;
import dev.krafla.engine.transfer.HandOffStats.Lending;
import dev.krafla.engine.transfer.HandOffStats.Pulling;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What a worker keeps for others and fetches from them, at {@code /metrics}. */
final class HandOffMetrics {
  private final PrometheusRegistry registry;
  private final Labels labels;
  private final Supplier<HandOffStats> stats;

  HandOffMetrics(PrometheusRegistry registry, Labels labels, Supplier<HandOffStats> stats) {
    this.registry = registry;
    this.labels = labels;
    this.stats = stats;
    registerLending();
    registerPulling();
  }

  private void registerLending() {
    lending("krafla_kv_lent_total", "Prompts kept for another worker.", Lending::lent);
    lending("krafla_kv_sent_bytes_total", "KV and logits sent to others.", Lending::sentBytes);
    lending(
        "krafla_kv_lend_refused_total",
        "Connections and requests of other workers that were refused.",
        Lending::refused);
    counter("krafla_kv_leases_ended_total", "Leases that ended, by reason.")
        .labelNames("reason")
        .callback(to -> {
          Lending now = stats.get().lending();
          to.call((double) now.acknowledged(), "acknowledged");
          to.call((double) now.expired(), "expired");
          to.call((double) now.revoked(), "revoked");
        })
        .register(registry);
    gauge("krafla_kv_leases_open", "Leases that hold blocks.", Lending::openLeases);
    gauge("krafla_kv_leased_blocks", "Blocks that leases hold.", Lending::leasedBlocks);
  }

  private void registerPulling() {
    pulling("krafla_kv_pulled_total", "Prompts fetched whole from a worker.", Pulling::pulled);
    pulling("krafla_kv_pulled_tokens_total", "Tokens whose KV came.", Pulling::tokens);
    pulling("krafla_kv_received_bytes_total", "KV and logits that came.", Pulling::bytes);
    pulling(
        "krafla_kv_pull_seconds_total",
        "Time of fetching, over all transfers.",
        p -> p.time().toNanos() / 1e9);
    counter(
            "krafla_kv_pull_failures_total",
            "Transfers that broke or were refused, by reason; what did not come was computed.")
        .labelNames("reason")
        .callback(to ->
            stats.get().pulling().failures().forEach((why, n) -> to.call((double) n, why.label())))
        .register(registry);
  }

  private void lending(String name, String help, ToDoubleFunction<Lending> value) {
    counter(name, help)
        .callback(to -> to.call(value.applyAsDouble(stats.get().lending())))
        .register(registry);
  }

  private void pulling(String name, String help, ToDoubleFunction<Pulling> value) {
    counter(name, help)
        .callback(to -> to.call(value.applyAsDouble(stats.get().pulling())))
        .register(registry);
  }

  private CounterWithCallback.Builder counter(String name, String help) {
    return CounterWithCallback.builder().name(name).help(help).constLabels(labels);
  }

  private void gauge(String name, String help, ToDoubleFunction<Lending> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .constLabels(labels)
        .callback(to -> to.call(value.applyAsDouble(stats.get().lending())))
        .register(registry);
  }
}
