package dev.krafla.gateway.server;

import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.Spending;
import dev.krafla.gateway.route.FailureKind;
import dev.krafla.gateway.route.RouteTable;
import dev.krafla.gateway.route.Target;
import dev.krafla.gateway.route.TargetHealth;
import dev.krafla.gateway.upstream.Upstream;
import dev.krafla.serving.replica.Circuit;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What the gateway shows at {@code /metrics}. Labels are names of the configuration only: no client
 * can make them more. Thread-safe.
 */
final class GatewayMetrics {
  private static final double[] SECONDS = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300
  };
  private static final double[] OWN = {
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1
  };
  private static final double NANOS = 1e9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter requests;
  private final Counter answers;
  private final Counter failures;
  private final Counter tokens;
  private final Counter nanodollars;
  private final Counter unmetered;
  private final Histogram firstByte;
  private final Histogram duration;
  private final Histogram before;

  GatewayMetrics(Supplier<RouteTable> routes, Upstream upstream, HeldBytes held) {
    requests =
        counter(
            "krafla_gateway_requests_total",
            "Requests, by what was asked and the status they got.",
            "endpoint",
            "status");
    answers = counter("krafla_gateway_answers_total", "Whole answers.", "provider", "model");
    failures =
        counter(
            "krafla_gateway_failures_total",
            "Tries that gave no whole answer, by reason.",
            "provider",
            "model",
            "reason");
    tokens =
        counter(
            "krafla_gateway_tokens_total",
            "As the provider counts: prompt, cached (of the prompt), completion.",
            "provider",
            "model",
            "kind");
    nanodollars =
        counter(
            "krafla_gateway_cost_nanodollars_total",
            "At the prices of the day.",
            "provider",
            "model");
    unmetered =
        counter(
            "krafla_gateway_usage_guessed_total",
            "Answers whose provider did not tell the usage, or that were broken off.",
            "provider",
            "model");
    firstByte =
        histogram(
            "krafla_gateway_first_byte_seconds",
            "From sending a request on to the first byte of its answer.",
            SECONDS,
            "provider",
            "model");
    duration =
        histogram(
            "krafla_gateway_request_seconds",
            "From a request's last header to its answer's last byte.",
            SECONDS,
            "endpoint");
    before =
        histogram(
            "krafla_gateway_before_seconds",
            "From a request's last header to sending it on, the client's own time to send the body"
                + " included.",
            OWN);
    GaugeWithCallback.builder()
        .name("krafla_gateway_upstream_requests")
        .help("Requests to providers under way.")
        .callback(c -> c.call(upstream.underWay()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("krafla_gateway_held_bytes")
        .help("Bytes that the bodies of requests under way take.")
        .callback(c -> c.call((double) held.now()))
        .register(registry);
    targetGauge(
        "krafla_gateway_target_ready", "1: takes requests.", routes, h -> h.admits() ? 1 : 0);
    targetGauge(
        "krafla_gateway_target_circuit",
        "0 closed, 1 one request tries, 2 open.",
        routes,
        h ->
            switch (h.circuit()) {
              case Circuit.State.Closed _ -> 0;
              case Circuit.State.HalfOpen _ -> 1;
              case Circuit.State.Open _ -> 2;
            });
    targetGauge(
        "krafla_gateway_target_requests",
        "Requests that are there now.",
        routes,
        TargetHealth::underWay);
  }

  private void targetGauge(
      String name, String help, Supplier<RouteTable> routes, ToDoubleFunction<TargetHealth> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("target")
        .callback(c ->
            routes
                .get()
                .health()
                .forEach((target, health) -> c.call(value.applyAsDouble(health), target)))
        .register(registry);
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  private Histogram histogram(String name, String help, double[] bounds, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(bounds)
        .labelNames(labels)
        .register(registry);
  }

  /** A request has ended; status 0 is a client that left before its answer. */
  void ended(Endpoint endpoint, int status, long nanos) {
    requests
        .labelValues(endpoint.word(), status == 0 ? "client_left" : Integer.toString(status))
        .inc();
    duration.labelValues(endpoint.word()).observe(nanos / NANOS);
  }

  void sentOn(long nanos) {
    before.observe(nanos / NANOS);
  }

  void firstByte(Target target, long nanos) {
    firstByte.labelValues(target.provider().name(), target.model()).observe(nanos / NANOS);
  }

  void failed(Target target, FailureKind kind) {
    failures.labelValues(target.provider().name(), target.model(), kind.word()).inc();
  }

  /** An answer broke off after something of it was sent, or its client left. */
  void brokeOff(Target target, String reason) {
    failures.labelValues(target.provider().name(), target.model(), reason).inc();
  }

  void answered(Target target, Spending spent, boolean guessed) {
    String provider = spent.provider();
    String model = spent.providerModel();
    answers.labelValues(provider, model).inc();
    if (guessed) {
      unmetered.labelValues(provider, model).inc();
    }
    tokens.labelValues(provider, model, "prompt").inc(spent.promptTokens());
    tokens.labelValues(provider, model, "cached").inc(spent.cachedTokens());
    tokens.labelValues(provider, model, "completion").inc(spent.completionTokens());
    nanodollars.labelValues(provider, model).inc(spent.nanodollars());
  }

  /** All of it, as Prometheus reads it. */
  String text() {
    var out = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(out, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
