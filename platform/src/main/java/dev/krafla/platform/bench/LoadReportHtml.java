package dev.krafla.platform.bench;

import dev.krafla.serving.replay.Figures;
import dev.krafla.serving.replay.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * A report as one page that needs nothing else: no script, no network, light or dark as the
 * reader's system is.
 */
public final class LoadReportHtml {
  private static final String STYLE =
      """
      :root{color-scheme:light dark;--bg:#fff;--fg:#1d2430;--dim:#667085;--line:#e3e6ea;
      --c0:#2563eb;--c1:#d97706;--c2:#059669;--c3:#dc2626;--c4:#7c3aed}
      @media(prefers-color-scheme:dark){:root{--bg:#12161c;--fg:#e6e9ee;--dim:#98a2b3;
      --line:#2a313b;--c0:#60a5fa;--c1:#fbbf24;--c2:#34d399;--c3:#f87171;--c4:#a78bfa}}
      body{background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;
      max-width:980px;margin:2rem auto;padding:0 1rem}
      h1{font-size:1.4rem;margin:0 0 .5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
      code,pre{font:13px/1.5 ui-monospace,monospace}pre{overflow-x:auto;padding:.6rem .8rem;
      border:1px solid var(--line);border-radius:6px}
      .scroll{overflow-x:auto}table{border-collapse:collapse}
      th,td{padding:.25rem .9rem .25rem 0;text-align:right;border-bottom:1px solid var(--line);
      font-variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left}
      th{font-weight:600}.dim{color:var(--dim)}
      .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:1rem}
      figure{margin:0;padding:.6rem;border:1px solid var(--line);border-radius:6px}
      figcaption{font-weight:600;margin-bottom:.3rem}svg{width:100%;height:auto;display:block}
      svg text{fill:var(--dim);font-size:12px}svg .grid{stroke:var(--line)}
      svg path{fill:none;stroke-width:2}.legend{margin:.3rem 0 0;font-size:13px}
      .legend span{margin-right:1rem;white-space:nowrap}
      .legend i{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;
      margin-right:.35rem;vertical-align:-1px}
      """;
  private static final int STYLES = 5;

  private LoadReportHtml() {}

  /** The page. */
  public static String of(LoadReport report) {
    var page = new StringBuilder();
    page.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
        .append("<title>")
        .append(Html.escape(report.title()))
        .append("</title><style>")
        .append(STYLE);
    for (int i = 0; i < STYLES; i++) {
      page.append(
          "path.s%d{stroke:var(--c%d)}circle.s%d,rect.s%d{fill:var(--c%d)}"
              .formatted(i, i, i, i, i));
      page.append("i.s%d{background:var(--c%d)}\n".formatted(i, i));
    }
    page.append("</style></head><body><h1>").append(Html.escape(report.title())).append("</h1>");
    table(page, report);
    page.append("<h2>Plots</h2><div class=\"plots\">");
    plots(report).forEach(plot -> page.append(plot.figure()).append('\n'));
    page.append("</div><h2>How it was measured</h2><pre>")
        .append(Html.escape(report.command()))
        .append("</pre><div class=\"scroll\"><table>");
    report
        .settings()
        .forEach((name, value) ->
            row(page, "td", name.replace('_', ' '), List.of(String.valueOf(value))));
    return page.append("</table></div>")
        .append(notes(report))
        .append("</body></html>\n")
        .toString();
  }

  private static void table(StringBuilder page, LoadReport report) {
    page.append("<div class=\"scroll\"><table>");
    row(page, "th", "", report.legs().stream().map(LoadReport.Leg::name).toList());
    double first = report.legs().getFirst().figures().tokensPerComputeSecond();
    figure(page, report, "tokens per compute second", f -> number(f.tokensPerComputeSecond()));
    if (report.legs().size() > 1) {
      figure(page, report, "times the first", f -> number(f.tokensPerComputeSecond() / first));
    }
    figure(
        page,
        report,
        report.currency() + " per million tokens",
        f -> String.format(Locale.ROOT, "%.4f", f.costPerMillionTokens()));
    figure(page, report, "hit rate", f -> percent(f.hitRate()));
    if (report.idealHitRate().isPresent()) {
      figure(page, report, "hit rate of an endless cache", _ -> percent(report.idealHitRate()));
    }
    figure(page, report, "goodput, requests/s", f -> number(f.goodput()));
    figure(page, report, "share within deadlines", f -> percent(OptionalDouble.of(f.goodShare())));
    figure(page, report, "first token p50, ms", f -> number(f.timeToFirstToken().p50()));
    figure(page, report, "first token p99, ms", f -> number(f.timeToFirstToken().p99()));
    figure(page, report, "per token p50, ms", f -> number(f.timePerToken().p50()));
    figure(page, report, "per token p99, ms", f -> number(f.timePerToken().p99()));
    figure(page, report, "output tokens per second", f -> number(f.outputTokensPerSecond()));
    figure(page, report, "compute, s", f -> number(f.computeSeconds()));
    figure(page, report, "wall, s", f -> number(f.wallSeconds()));
    figure(page, report, "requests", f -> Integer.toString(f.requests()));
    figure(page, report, "failed", f -> Integer.toString(f.requests() - f.completed()));
    figure(page, report, "driver late p99, ms", f -> number(f.lateness().p99()));
    page.append("</table></div>");
  }

  private static void figure(
      StringBuilder page, LoadReport report, String name, Function<Figures, String> value) {
    row(page, "td", name, report.legs().stream().map(l -> value.apply(l.figures())).toList());
  }

  private static void row(StringBuilder page, String cell, String name, List<String> values) {
    page.append("<tr><%s>%s</%s>".formatted(cell, Html.escape(name), cell));
    for (String value : values) {
      page.append("<%s>%s</%s>".formatted(cell, Html.escape(value), cell));
    }
    page.append("</tr>");
  }

  private static List<Plot> plots(LoadReport report) {
    var plots = new ArrayList<Plot>();
    plots.add(shares(report, "Time to first token", "ms, logarithmic", Outcome::timeToFirstToken));
    plots.add(shares(report, "Time per token", "ms, logarithmic", Outcome::timePerToken));
    LoadReport.Leg main = report.main();
    if (main.figures().hitRate().isPresent()) {
      plots.add(hits(report, main));
    }
    plots.add(overTime(main));
    return plots;
  }

  /** What share of requests took at most so long. */
  private static Plot shares(
      LoadReport report, String title, String unit, Function<Outcome, Duration> value) {
    var lines = new ArrayList<Plot.Series>();
    for (LoadReport.Leg leg : report.legs()) {
      double[] millis =
          whole(leg).stream()
              .map(value)
              .filter(Duration::isPositive)
              .mapToDouble(LoadReportHtml::millis)
              .sorted()
              .toArray();
      double[] share = new double[millis.length];
      for (int i = 0; i < share.length; i++) {
        share[i] = 100.0 * (i + 1) / share.length;
      }
      lines.add(new Plot.Series(leg.name(), millis, share));
    }
    return new Plot(title, unit, "% of requests", true, false, lines);
  }

  private static Plot hits(LoadReport report, LoadReport.Leg leg) {
    List<Outcome> outcomes =
        whole(leg).stream().sorted(Comparator.comparingInt(Outcome::number)).toList();
    double[] x = new double[outcomes.size()];
    double[] y = new double[outcomes.size()];
    long cached = 0;
    long prompt = 0;
    for (int i = 0; i < outcomes.size(); i++) {
      cached += outcomes.get(i).cachedTokens().orElse(0);
      prompt += outcomes.get(i).promptTokens();
      x[i] = outcomes.get(i).number() + 1.0;
      y[i] = 100.0 * cached / Math.max(1, prompt);
    }
    var lines = new ArrayList<Plot.Series>();
    lines.add(new Plot.Series("so far", x, y));
    report
        .idealHitRate()
        .ifPresent(ideal ->
            lines.add(
                new Plot.Series(
                    "endless cache, whole load",
                    new double[] {1, outcomes.size()},
                    new double[] {100 * ideal, 100 * ideal})));
    return new Plot("Hit rate", "requests", "% of prompt tokens", false, false, lines);
  }

  private static Plot overTime(LoadReport.Leg leg) {
    List<Outcome> outcomes = whole(leg);
    double[] x = outcomes.stream().mapToDouble(o -> millis(o.due()) / 1e3).toArray();
    double[] y = outcomes.stream().mapToDouble(o -> millis(o.timeToFirstToken())).toArray();
    return new Plot(
        "Time to first token, " + leg.name(),
        "s since the start",
        "ms",
        false,
        true,
        List.of(new Plot.Series(leg.name(), x, y)));
  }

  private static List<Outcome> whole(LoadReport.Leg leg) {
    return leg.run().outcomes().stream().filter(o -> o.failure().isEmpty()).toList();
  }

  private static String notes(LoadReport report) {
    return """
    <p class="dim">Tokens per compute second: prompt and output tokens of whole answers, by %s.
    Deadlines: first token within %d ms of when the request was due, then %d ms a token on average.
    Price: %s %s a worker-hour.</p>
    """
        .formatted(
            Html.escape(report.main().figures().computeSource()),
            report.deadlines().firstToken().toMillis(),
            report.deadlines().perToken().toMillis(),
            report.pricePerWorkerHour(),
            Html.escape(report.currency()));
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 99.95 ? "%.2f" : "%.0f", value);
  }

  private static String percent(OptionalDouble share) {
    return share.isPresent()
        ? String.format(Locale.ROOT, "%.1f %%", 100 * share.getAsDouble())
        : "not told";
  }
}
