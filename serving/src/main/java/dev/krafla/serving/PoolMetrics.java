package dev.krafla.serving;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * {@code /metrics}: those of all models that are in memory, each metric once with the points of all
 * of them, and the pool's own.
 */
final class PoolMetrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ModelPool pool;

  PoolMetrics(ModelPool pool) {
    this.pool = pool;
    GaugeWithCallback.builder()
        .name("krafla_model_state")
        .help("1 for the state that a model is in.")
        .labelNames("model_name", "state")
        .callback(to -> pool.list().forEach(m -> to.call(1, m.id(), m.state().label())))
        .register(registry);
    gauge("krafla_models_bytes", "Memory of models in memory.", ModelPool.Counts::bytes);
    gauge("krafla_models_limit_bytes", "Most of it; 0: no limit.", ModelPool.Counts::maxBytes);
    counter("krafla_model_loads_total", "Models loaded on demand.", ModelPool.Counts::loads);
    counter("krafla_model_load_failures_total", "Failed loads.", ModelPool.Counts::failures);
    counter("krafla_model_evictions_total", "Models unloaded.", ModelPool.Counts::evictions);
  }

  private void gauge(String name, String help, ToDoubleFunction<ModelPool.Counts> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(to -> to.call(value.applyAsDouble(pool.counts())))
        .register(registry);
  }

  private void counter(String name, String help, ToDoubleFunction<ModelPool.Counts> value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(to -> to.call(value.applyAsDouble(pool.counts())))
        .register(registry);
  }

  /** All of it in Prometheus' text format 0.0.4. */
  String text() {
    Map<String, List<MetricSnapshot>> byName = new LinkedHashMap<>();
    Stream.concat(
            pool.live().stream().map(model -> model.metrics().scrape()),
            Stream.of(registry.scrape()))
        .flatMap(MetricSnapshots::stream)
        .forEach(metric ->
            byName
                .computeIfAbsent(metric.getMetadata().getName(), name -> new ArrayList<>())
                .add(metric));
    var merged = MetricSnapshots.builder();
    byName.values().forEach(same -> merged.metricSnapshot(merged(same)));
    var out = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(out, merged.build());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static MetricSnapshot merged(List<MetricSnapshot> same) {
    MetricMetadata about = same.getFirst().getMetadata();
    return switch (same.getFirst()) {
      case CounterSnapshot _ ->
          new CounterSnapshot(
              about,
              same.stream().flatMap(s -> ((CounterSnapshot) s).getDataPoints().stream()).toList());
      case GaugeSnapshot _ ->
          new GaugeSnapshot(
              about,
              same.stream().flatMap(s -> ((GaugeSnapshot) s).getDataPoints().stream()).toList());
      case HistogramSnapshot _ ->
          new HistogramSnapshot(
              about,
              same.stream()
                  .flatMap(s -> ((HistogramSnapshot) s).getDataPoints().stream())
                  .toList());
      case InfoSnapshot _ ->
          new InfoSnapshot(
              about,
              same.stream().flatMap(s -> ((InfoSnapshot) s).getDataPoints().stream()).toList());
      default -> throw new IllegalStateException("a metric of an unknown kind: " + about.getName());
    };
  }
}
