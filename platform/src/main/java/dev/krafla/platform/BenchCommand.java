package dev.krafla.platform;

import dev.krafla.platform.bench.Bench;
import dev.krafla.platform.bench.BenchResult;
import dev.krafla.platform.bench.BenchTest;
import dev.krafla.platform.bench.Sample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code krafla bench}: tokens per second of a model on this machine. */
@Command(
    name = "bench",
    description = {
      "Measures a model's tokens per second on this machine, through the whole engine.",
      "ppN computes a prompt of N tokens, tgN draws N tokens for one user, batchB draws for B"
          + " users together; comparable with llama-bench and llama-batched-bench.",
      "replay sends a recorded load, load many users at once: krafla bench replay --help."
    },
    customSynopsis = {
      "krafla bench [OPTIONS] MODEL",
      "       krafla bench replay --trace FILE [OPTIONS]",
      "       krafla bench load [OPTIONS]"
    },
    commandListHeading = "%nOther loads than these tests:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla bench smollm2-135m",
      "  krafla bench gemma3-270m --pp 512,2048 --tg 128 --batch 1,8,32 --threads 4 --json",
      "  krafla bench smollm2-135m --pp 0 --batch 0        only tg128",
      "  krafla bench replay --trace conversation.jsonl.gz --scale 0.03125 --requests 300",
      "  krafla bench load --clients 16 --prefix-tokens 1000"
    })
final class BenchCommand implements Callable<Integer> {
  private final CliContext context;

  @Spec private CommandSpec spec;

  // Not required for picocli: replay and load have none.
  @Parameters(arity = "0..1", paramLabel = "MODEL", description = "Short name, reference or path.")
  private String model = "";

  @Option(
      names = "--pp",
      paramLabel = "N",
      split = ",",
      description = "Prompt lengths; 0 for none. Default: 512.")
  private List<Integer> prefill = List.of(512);

  @Option(
      names = "--tg",
      paramLabel = "N",
      split = ",",
      description = "Tokens to draw for one user; 0 for none. Default: 128.")
  private List<Integer> decode = List.of(128);

  @Option(
      names = "--batch",
      paramLabel = "B",
      split = ",",
      description = "Users at the same time; 0 for none. Default: 1,8,32.")
  private List<Integer> batch = List.of(1, 8, 32);

  @Option(
      names = "--batch-pp",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Prompt length of each user of a batch. Default: ${DEFAULT-VALUE}.")
  private int batchPrompt = 16;

  @Option(
      names = "--batch-tg",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Tokens to draw for each user of a batch. Default: ${DEFAULT-VALUE}.")
  private int batchTokens = 128;

  @Option(
      names = "--reps",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Runs of each test, after warming up. Default: ${DEFAULT-VALUE}.")
  private int reps = 5;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description = "Warm up each test this long, and at least once. Default: ${DEFAULT-VALUE}.")
  private int warmUpSeconds = 2;

  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  @Mixin private EngineOptions engineOptions = new EngineOptions();

  BenchCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (model.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'MODEL'");
    }
    List<BenchTest> tests = tests();
    LocalModel local = context.models().get(model, context.progress());
    try (OpenModel open = OpenModel.load(local, engineOptions, context);
        Bench bench = Bench.of(open.loaded(), engineOptions.engineConfig(), tests)) {
      if (!json) {
        head(open);
      }
      var results = new ArrayList<BenchResult>();
      for (BenchTest test : tests) {
        BenchResult result = measure(bench, test);
        results.add(result);
        if (!json) {
          row(result);
        }
      }
      if (json) {
        context.output().line(asJson(results, open));
      }
    }
    return 0;
  }

  private List<BenchTest> tests() {
    var tests = new ArrayList<BenchTest>();
    chosen("--pp", prefill).forEach(n -> tests.add(new BenchTest.Prefill(n)));
    chosen("--tg", decode).forEach(n -> tests.add(new BenchTest.Decode(n)));
    if (batchTokens < 2) {
      throw new UserError("--batch-tg is %d; it must be 2 or more".formatted(batchTokens));
    }
    chosen("--batch", batch)
        .forEach(b -> tests.add(new BenchTest.Together(b, batchPrompt, batchTokens)));
    if (tests.isEmpty()) {
      throw new UserError("nothing is left to measure; give --pp, --tg or --batch a number");
    }
    return tests;
  }

  private static List<Integer> chosen(String option, List<Integer> numbers) {
    for (int number : numbers) {
      if (number < 0) {
        throw new UserError("%s is %d; it must be 0 or more".formatted(option, number));
      }
    }
    return numbers.stream().filter(number -> number > 0).toList();
  }

  private BenchResult measure(Bench bench, BenchTest test) {
    long started = System.nanoTime();
    long warmUpNanos = Duration.ofSeconds(warmUpSeconds).toNanos();
    tell(test.name() + ": warming up");
    do {
      bench.run(test);
    } while (System.nanoTime() - started < warmUpNanos);
    var samples = new ArrayList<Sample>();
    for (int i = 1; i <= reps; i++) {
      tell("%s: run %d of %d".formatted(test.name(), i, reps));
      samples.add(bench.run(test));
    }
    tell("");
    return new BenchResult(test, samples, Machine.peakResidentBytes());
  }

  /** A line that the next one replaces; on a terminal only. */
  private void tell(String text) {
    CliOutput output = context.output();
    if (output.errTerminal()) {
      output.err().print("\r\u001b[K" + text);
      output.err().flush();
    }
  }

  private void head(OpenModel open) {
    CliOutput output = context.output();
    output.line(
        "%s, %s, %s kernels, %d threads, %d runs each"
            .formatted(
                output.bold(open.source().name()),
                ByteSize.text(OpenModel.bytes(open.source())),
                open.kernels().tier(),
                open.kernels().threads(),
                reps));
    output.line("");
    output.line(
        "%-10s %10s %10s %10s %13s %12s"
            .formatted("test", "tokens/s", "min", "max", "first token", "peak memory"));
    output.flush();
  }

  private void row(BenchResult result) {
    String memory =
        result.peakMemoryBytes().isPresent()
            ? ByteSize.text(result.peakMemoryBytes().getAsLong())
            : "unknown";
    context
        .output()
        .line(
            String.format(
                Locale.ROOT,
                "%-10s %10.1f %10.1f %10.1f %10.1f ms %12s",
                result.test().name(),
                result.tokensPerSecond(),
                result.min(),
                result.max(),
                millis(result.firstToken()),
                memory));
    context.output().flush();
  }

  private String asJson(List<BenchResult> results, OpenModel open) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (BenchResult result : results) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("test", result.test().name());
      fields.put("tokens_per_second", result.tokensPerSecond());
      fields.put("min", result.min());
      fields.put("max", result.max());
      fields.put("samples", result.samples().stream().map(Sample::tokensPerSecond).toList());
      fields.put("ttft_ms", millis(result.firstToken()));
      result.peakMemoryBytes().ifPresent(bytes -> fields.put("peak_memory_bytes", bytes));
      fields.put("kernels", open.kernels().tier());
      fields.put("threads", open.kernels().threads());
      fields.put("kv_type", KvTypeName.of(engineOptions.kvType()));
      fields.put("model", open.source().name());
      list.add(fields);
    }
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(list);
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }
}
