package dev.krafla.platform;

import dev.krafla.serving.ledger.LedgerEntry;
import dev.krafla.serving.ledger.LedgerReader;
import dev.krafla.serving.ledger.LedgerTotals;
import java.io.IOException;
import java.math.RoundingMode;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code krafla ledger}: what requests took and cost, added up. */
@Command(
    name = "ledger",
    description = "Adds up a ledger that krafla serve --ledger has written.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla ledger requests.jsonl",
      "  krafla ledger requests.jsonl --by class",
      "  krafla ledger requests.jsonl --by model --price '*=0.00002' --json"
    })
final class LedgerCommand implements Callable<Integer> {
  /** What to add up by. */
  enum By {
    TENANT,
    MODEL,
    CLASS,
    WORKER;

    String key(LedgerEntry entry) {
      return switch (this) {
        case TENANT -> entry.tenant();
        case MODEL -> entry.model();
        case CLASS -> entry.serviceClass();
        case WORKER -> entry.worker();
      };
    }

    /** As the command line has it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final CliContext context;

  @Parameters(paramLabel = "FILE", description = "The ledger; older files beside it are read too.")
  private Path file = Path.of("");

  @Option(
      names = "--by",
      paramLabel = "WHAT",
      description = "tenant, model, class or worker. Default: ${DEFAULT-VALUE}.")
  private By by = By.TENANT;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Mixin private LedgerOptions.Prices prices = new LedgerOptions.Prices();

  LedgerCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    var groups = new TreeMap<String, LedgerTotals>();
    var all = new LedgerTotals();
    LedgerReader.Gaps gaps;
    try {
      gaps =
          LedgerReader.read(
              file,
              line -> {
                LedgerEntry entry = prices.isEmpty() ? line : line.at(prices.table());
                groups.computeIfAbsent(by.key(entry), _ -> new LedgerTotals()).add(entry);
                all.add(entry);
              });
    } catch (NoSuchFileException e) {
      throw new UserError(
          "there is no ledger %s; ./krafla serve MODEL --ledger %s writes one"
              .formatted(file, file),
          e);
    }
    if (json) {
      context.output().line(asJson(groups, all, gaps));
    } else {
      print(groups, all, gaps);
    }
    return 0;
  }

  private static final String FORM = "%s %10s %12s %7s %12s %12s %10s %12s";

  private void print(Map<String, LedgerTotals> groups, LedgerTotals all, LedgerReader.Gaps gaps) {
    CliOutput output = context.output();
    int width = Math.max(6, groups.keySet().stream().mapToInt(String::length).max().orElse(0));
    output.line(
        output.dim(
            FORM.formatted(
                padded(by.toString(), width),
                "requests",
                "prompt",
                "cached",
                "output",
                "computed",
                "compute s",
                "euro")));
    List<Map.Entry<String, LedgerTotals>> rows = new ArrayList<>(groups.entrySet());
    rows.sort(
        Comparator.comparing(
            (Map.Entry<String, LedgerTotals> row) -> row.getValue().computeNanos(),
            Comparator.reverseOrder()));
    for (var row : rows) {
      String name = row.getKey().isEmpty() ? "(none)" : row.getKey();
      output.line(line(padded(name, width), row.getValue()));
    }
    if (rows.size() != 1) {
      output.line(output.bold(line(padded("all", width), all)));
    }
    output.line("");
    output.line(remarks(all));
    if (gaps.brokenLines() > 0) {
      output.note(
          "%,d lines are no entries: a crash has cut them off; their requests are not in the sums."
              .formatted(gaps.brokenLines()));
    }
    if (gaps.dropped() > 0) {
      output.note(
          "%,d requests are missing, as the disk was too slow or refused them."
              .formatted(gaps.dropped()));
    }
  }

  private static String line(String name, LedgerTotals sums) {
    return FORM.formatted(
        name,
        "%,d".formatted(sums.requests()),
        "%,d".formatted(sums.promptTokens()),
        "%.0f %%".formatted(100 * sums.cachedShare()),
        "%,d".formatted(sums.outputTokens()),
        "%,d".formatted(sums.computedTokens()),
        "%,.2f".formatted(sums.computeSeconds()),
        sums.euro().setScale(6, RoundingMode.HALF_EVEN).toPlainString());
  }

  private static String remarks(LedgerTotals all) {
    double saved = 100 * all.cachedShare();
    return "%.0f %% of the prompts' tokens came from the cache; %,d of %,d guessed tokens came true; %,.2f s waited; %,d not finished."
        .formatted(
            saved, all.acceptedTokens(), all.draftedTokens(), all.queueSeconds(), all.unfinished());
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private String asJson(
      Map<String, LedgerTotals> groups, LedgerTotals all, LedgerReader.Gaps gaps) {
    var object = new LinkedHashMap<String, Object>();
    object.put("by", by.toString());
    var list = new ArrayList<Map<String, Object>>();
    groups.forEach((name, sums) -> {
      var fields = new LinkedHashMap<String, Object>();
      fields.put(by.toString(), name);
      fields.putAll(fields(sums));
      list.add(fields);
    });
    object.put("groups", list);
    object.put("all", fields(all));
    object.put("broken_lines", gaps.brokenLines());
    object.put("dropped", gaps.dropped());
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(object);
  }

  private static Map<String, Object> fields(LedgerTotals sums) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("requests", sums.requests());
    fields.put("unfinished", sums.unfinished());
    fields.put("prompt_tokens", sums.promptTokens());
    fields.put("cached_memory_tokens", sums.memoryTokens());
    fields.put("cached_store_tokens", sums.storeTokens());
    fields.put("computed_tokens", sums.computedTokens());
    fields.put("drafted_tokens", sums.draftedTokens());
    fields.put("accepted_tokens", sums.acceptedTokens());
    fields.put("output_tokens", sums.outputTokens());
    fields.put("queue_seconds", sums.queueSeconds());
    fields.put("compute_seconds", sums.computeSeconds());
    fields.put("bytes_moved", sums.bytesMoved());
    fields.put("euro", sums.euro());
    return fields;
  }
}
