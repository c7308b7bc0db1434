package dev.krafla.platform.bench;

import dev.krafla.serving.replay.Figures;
import dev.krafla.serving.replay.Spread;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A report as one JSON object: the main run's figures, settings, and all runs where there are
 * several.
 */
public final class LoadReportJson {
  private LoadReportJson() {}

  /** Indented text. */
  public static String of(LoadReport report) {
    Map<String, Object> fields = figures(report, report.main().figures());
    fields.put("currency", report.currency());
    fields.put("price_per_worker_hour", report.pricePerWorkerHour());
    fields.put("ttft_deadline_ms", report.deadlines().firstToken().toMillis());
    fields.put("tpot_deadline_ms", report.deadlines().perToken().toMillis());
    fields.put("command", report.command());
    fields.put("settings", report.settings());
    if (report.legs().size() > 1) {
      fields.put(report.comparison(), report.legs().stream().map(leg -> leg(report, leg)).toList());
      Figures first = report.legs().getFirst().figures();
      fields.put(
          "tokens_per_compute_second_ratio",
          ratio(report.main().figures().tokensPerComputeSecond(), first.tokensPerComputeSecond()));
    }
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(fields);
  }

  private static double ratio(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }

  private static Map<String, Object> leg(LoadReport report, LoadReport.Leg leg) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("name", leg.name());
    fields.putAll(figures(report, leg.figures()));
    return fields;
  }

  private static Map<String, Object> figures(LoadReport report, Figures figures) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("requests", figures.requests());
    fields.put("completed", figures.completed());
    fields.put("failed", figures.requests() - figures.completed());
    fields.put("failures", figures.failures());
    fields.put("hit_rate", figures.hitRate().isPresent() ? figures.hitRate().getAsDouble() : null);
    report
        .idealHitRate()
        .ifPresent(ideal -> {
          fields.put("ideal_hit_rate", ideal);
          figures
              .hitRate()
              .ifPresent(hits -> fields.put("hit_share_of_ideal", ideal == 0 ? 1 : hits / ideal));
        });
    fields.put("mostly_cached_share", figures.mostlyCachedShare());
    fields.put("prompt_tokens", figures.promptTokens());
    fields.put("cached_tokens", figures.cachedTokens());
    fields.put("output_tokens", figures.outputTokens());
    fields.put("wall_seconds", figures.wallSeconds());
    fields.put("compute_seconds", figures.computeSeconds());
    fields.put("compute_source", figures.computeSource());
    fields.put("tokens_per_compute_second", figures.tokensPerComputeSecond());
    fields.put("tokens_per_second", figures.tokensPerSecond());
    fields.put("output_tokens_per_second", figures.outputTokensPerSecond());
    fields.put("ttft_ms", spread(figures.timeToFirstToken()));
    fields.put("tpot_ms", spread(figures.timePerToken()));
    fields.put("lateness_ms", spread(figures.lateness()));
    fields.put("goodput", figures.goodput());
    fields.put("good_share", figures.goodShare());
    fields.put("cost_per_million_tokens", figures.costPerMillionTokens());
    return fields;
  }

  private static Map<String, Double> spread(Spread spread) {
    var fields = new LinkedHashMap<String, Double>();
    for (var entry :
        List.of(
            Map.entry("p50", spread.p50()),
            Map.entry("p90", spread.p90()),
            Map.entry("p99", spread.p99()),
            Map.entry("max", spread.max()),
            Map.entry("mean", spread.mean()))) {
      fields.put(entry.getKey(), entry.getValue());
    }
    return fields;
  }
}
