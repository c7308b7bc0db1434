package dev.krafla.platform;

import dev.krafla.platform.bench.LoadReport;
import dev.krafla.serving.replay.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** A report for people at a terminal: a line per figure, a column per run. */
final class LoadTable {
  private static final int NAME = 34;
  private static final int COLUMN = 15;

  private LoadTable() {}

  static void print(LoadReport report, CliOutput output) {
    output.line(output.bold(report.title()));
    report
        .settings()
        .forEach((name, value) ->
            output.line(output.dim("  %s: %s".formatted(name.replace('_', ' '), value))));
    output.line("");
    if (report.legs().size() > 1) {
      output.line(row("", report.legs().stream().map(LoadReport.Leg::name).toList()));
    }
    lines(report)
        .forEach((name, value) ->
            output.line(
                row(name, report.legs().stream().map(l -> value.apply(l.figures())).toList())));
    for (LoadReport.Leg leg : report.legs()) {
      leg.figures()
          .failures()
          .forEach((reason, count) ->
              output.line("%s: %d failed: %s".formatted(leg.name(), count, reason)));
    }
    output.flush();
  }

  private static Map<String, Function<Figures, String>> lines(LoadReport report) {
    var lines = new java.util.LinkedHashMap<String, Function<Figures, String>>();
    double first = report.legs().getFirst().figures().tokensPerComputeSecond();
    lines.put("requests (failed)", f -> f.requests() + " (" + (f.requests() - f.completed()) + ")");
    lines.put("tokens per compute second", f -> number(f.tokensPerComputeSecond()));
    if (report.legs().size() > 1) {
      lines.put("  times the first", f -> number(f.tokensPerComputeSecond() / first));
    }
    lines.put(
        report.currency() + " per million tokens",
        f -> String.format(Locale.ROOT, "%.4f", f.costPerMillionTokens()));
    lines.put(
        "hit rate", f -> f.hitRate().isPresent() ? percent(f.hitRate().getAsDouble()) : "not told");
    report
        .idealHitRate()
        .ifPresent(ideal -> lines.put("  of an endless cache", _ -> percent(ideal)));
    lines.put(
        "goodput, requests/s (share)",
        f -> "%s (%s)".formatted(number(f.goodput()), percent(f.goodShare())));
    lines.put("first token p50, ms", f -> number(f.timeToFirstToken().p50()));
    lines.put("first token p99, ms", f -> number(f.timeToFirstToken().p99()));
    lines.put("per token p50, ms", f -> number(f.timePerToken().p50()));
    lines.put("per token p99, ms", f -> number(f.timePerToken().p99()));
    lines.put("output tokens per second", f -> number(f.outputTokensPerSecond()));
    lines.put("wall, s", f -> number(f.wallSeconds()));
    lines.put("compute, s", f -> number(f.computeSeconds()));
    lines.put("driver late p99, ms", f -> number(f.lateness().p99()));
    return lines;
  }

  private static String row(String name, List<String> values) {
    var cells = new ArrayList<String>();
    values.forEach(v -> cells.add(String.format(Locale.ROOT, "%" + COLUMN + "s", v)));
    return String.format(Locale.ROOT, "%-" + NAME + "s%s", name, String.join("", cells));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 99.95 ? "%.2f" : "%.0f", value);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
