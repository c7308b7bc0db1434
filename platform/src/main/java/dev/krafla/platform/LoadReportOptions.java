package dev.krafla.platform;

import dev.krafla.platform.bench.LoadReport;
import dev.krafla.platform.bench.LoadReportHtml;
import dev.krafla.platform.bench.LoadReportJson;
import dev.krafla.serving.replay.Deadlines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How replay and load judge and tell what they saw. */
final class LoadReportOptions {
  static final String CURRENCY = "EUR";

  @Option(
      names = "--ttft-deadline",
      paramLabel = "MS",
      converter = PositiveInt.class,
      description = {
        "Goodput counts requests whose first token came within this many milliseconds",
        "of when they were due. Default: ${DEFAULT-VALUE}."
      })
  private int firstTokenMillis = 2000;

  @Option(
      names = "--tpot-deadline",
      paramLabel = "MS",
      converter = PositiveInt.class,
      description =
          "And whose further tokens took no longer, on average. Default: ${DEFAULT-VALUE}.")
  private int perTokenMillis = 100;

  @Option(
      names = "--price",
      paramLabel = "EURO",
      description = {
        "Price of a worker for an hour, for the cost of a million tokens.",
        "Default: ${DEFAULT-VALUE}, an assumption; set your own."
      })
  private double price = 0.10;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a report with plots to FILE: one page, offline, light and dark.")
  private @Nullable Path html;

  Deadlines deadlines() {
    return new Deadlines(Duration.ofMillis(firstTokenMillis), Duration.ofMillis(perTokenMillis));
  }

  /** Of a worker for an hour. */
  double price() {
    if (!(price >= 0) || Double.isInfinite(price)) {
      throw new UserError("--price is %s; it must be 0 or more".formatted(price));
    }
    return price;
  }

  /** Fails before a long run rather than after it where the report cannot be written. */
  void check() {
    price();
    if (html == null) {
      return;
    }
    Path folder = html.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new UserError("--html %s: there is no folder %s".formatted(html, folder));
    }
  }

  /** Prints the report and writes the page, as asked. */
  void tell(LoadReport report, CliOutput output) {
    if (json) {
      output.line(LoadReportJson.of(report));
    } else {
      LoadTable.print(report, output);
    }
    if (html != null) {
      try {
        Files.writeString(html, LoadReportHtml.of(report));
      } catch (IOException e) {
        throw new UserError("--html %s cannot be written: %s".formatted(html, e.getMessage()), e);
      }
      output.note("Report: " + html.toAbsolutePath());
    }
  }
}
