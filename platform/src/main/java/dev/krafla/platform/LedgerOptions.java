package dev.krafla.platform;

import dev.krafla.engine.Engine;
import dev.krafla.serving.ledger.LedgerEntry;
import dev.krafla.serving.ledger.LedgerFile;
import dev.krafla.serving.ledger.PriceTable;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of a worker that keeps a ledger. */
final class LedgerOptions {
  @Option(
      names = "--ledger",
      paramLabel = "FILE",
      description = {
        "Write a line for each request that ends: whose it was, tokens, times, price.",
        "Never what was asked or answered. ./krafla ledger FILE adds it up."
      })
  private @Nullable Path file;

  @Option(
      names = "--ledger-size",
      paramLabel = "SIZE",
      description = "Of one file; then it becomes FILE.1, and so on. Default: ${DEFAULT-VALUE}.")
  private String size = "64MiB";

  @Option(
      names = "--ledger-files",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Older files that are kept. Default: ${DEFAULT-VALUE}.")
  private int files = 8;

  @Option(
      names = "--worker-name",
      paramLabel = "NAME",
      description = "This worker's name in the ledger and in prices. Default: HOST:PORT.")
  private @Nullable String workerName;

  @Mixin private Prices prices = new Prices();

  /** What a worker's second costs. */
  static final class Prices {
    @Option(
        names = "--price",
        paramLabel = "WORKER=EURO",
        split = ",",
        description = {
          "Euro per second of a worker's computing, as *=0.00002,gpu1=0.0006; * is any other.",
          "Default: nothing costs anything."
        })
    private Map<String, BigDecimal> euroPerSecond = new LinkedHashMap<>();

    boolean isEmpty() {
      return euroPerSecond.isEmpty();
    }

    /**
     * What was asked for.
     *
     * @throws UserError when a price is below 0
     */
    PriceTable table() {
      try {
        return new PriceTable(euroPerSecond);
      } catch (IllegalArgumentException e) {
        throw new UserError("--price: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Opens the ledger, where one is asked for.
   *
   * @throws UserError when it cannot be written
   */
  Optional<LedgerFile> open() {
    if (file == null) {
      return Optional.empty();
    }
    long bytes = ByteSize.parse(size);
    if (bytes < 1024) {
      throw new UserError("--ledger-size %s is less than 1 KiB; give it more".formatted(size));
    }
    try {
      return Optional.of(LedgerFile.open(file, bytes, files));
    } catch (IOException e) {
      throw new UserError("--ledger %s cannot be written: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Has every request of {@code engine} written to {@code ledger}. */
  void record(Engine engine, LedgerFile ledger, String model, String address) {
    PriceTable table = prices.table();
    String worker = workerName == null ? address : workerName;
    engine.onEnded(ended -> ledger.add(LedgerEntry.of(ended, model, worker, table, Instant.now())));
  }
}
