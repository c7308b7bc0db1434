package dev.krafla.serving;

import dev.krafla.engine.EndedRequest;
import dev.krafla.engine.RequestWork;
import dev.krafla.engine.ServiceClass;
import dev.krafla.engine.Usage;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;

/**
 * The ledger's sums by class, at {@code /metrics}. Not by tenant: there may be any number of these;
 * the ledger itself has them. Thread-safe.
 */
final class ClassMetrics {
  private final Counter requests;
  private final Counter tokens;
  private final Counter computeSeconds;
  private final Counter queueSeconds;
  private final Counter bytesMoved;

  ClassMetrics(PrometheusRegistry registry, Labels labels) {
    requests =
        counter("krafla_class_requests_total", "Requests that ended, by how.", "outcome")
            .constLabels(labels)
            .register(registry);
    tokens =
        counter(
                "krafla_class_tokens_total",
                "Tokens of ended requests: prompt, cached_memory, cached_store, computed, drafted,"
                    + " accepted, output.",
                "kind")
            .constLabels(labels)
            .register(registry);
    computeSeconds =
        counter("krafla_class_compute_seconds_total", "Their part of the engine's busy time.")
            .constLabels(labels)
            .register(registry);
    queueSeconds =
        counter("krafla_class_queue_seconds_total", "Time that they waited.")
            .constLabels(labels)
            .register(registry);
    bytesMoved =
        counter("krafla_class_moved_bytes_total", "KV that was read from stores for them.")
            .constLabels(labels)
            .register(registry);
    for (ServiceClass c : ServiceClass.values()) { // so that each is there from the start
      computeSeconds.initLabelValues(c.label());
      queueSeconds.initLabelValues(c.label());
      bytesMoved.initLabelValues(c.label());
    }
  }

  private static Counter.Builder counter(String name, String help, String... more) {
    String[] names = new String[more.length + 1];
    names[0] = "class";
    System.arraycopy(more, 0, names, 1, more.length);
    return Counter.builder().name(name).help(help).labelNames(names);
  }

  void add(EndedRequest ended) {
    String c = ended.terms().serviceClass().label();
    Usage usage = ended.usage();
    RequestWork work = usage.work();
    requests.labelValues(c, ended.outcome().label()).inc();
    tokens(c, "prompt", ended.admitted() ? usage.promptTokens() : 0);
    tokens(c, "cached_memory", usage.cachedTokens() - usage.loadedTokens());
    tokens(c, "cached_store", usage.loadedTokens());
    tokens(c, "computed", work.computedTokens());
    tokens(c, "drafted", work.draftTokens());
    tokens(c, "accepted", work.acceptedTokens());
    tokens(c, "output", usage.outputTokens());
    computeSeconds.labelValues(c).inc(work.compute().toNanos() / 1e9);
    queueSeconds.labelValues(c).inc(usage.queued().toNanos() / 1e9);
    bytesMoved.labelValues(c).inc(work.bytesMoved());
  }

  private void tokens(String c, String kind, int count) {
    tokens.labelValues(c, kind).inc(count);
  }
}
