package dev.krafla.platform;

import dev.krafla.engine.EngineConfig;
import dev.krafla.platform.bench.Rung;
import dev.krafla.serving.route.Policy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where replay and load send their requests, and with which of the engine's savings. */
final class LoadTargetOptions {
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,9})-([0-9]{1,9})");

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = {
        "What to run in this process: short name, reference or path. Default: "
            + Main.DEFAULT_MODEL
            + ".",
        "With --url: the model's id on the wire; default is the first that the server names."
      })
  private @Nullable String model;

  @Option(
      names = "--url",
      paramLabel = "URL",
      split = ",",
      description = {
        "Send to servers instead, as http://127.0.0.1:8080: any with OpenAI's /v1/completions",
        "that take token ids (Krafla, vLLM, SGLang, llama.cpp). KRAFLA_API_KEY is their key."
      })
  private List<URI> urls = List.of();

  @Option(
      names = "--workers",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Engines in this process, each with its own copy. Default: ${DEFAULT-VALUE}.")
  private int workers = 1;

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      converter = PolicyName.class,
      description = {
        "Which of several workers gets a request: prefix, round-robin, least-loaded, random.",
        "Default: prefix."
      })
  private Policy policy = Policy.PREFIX;

  @Option(
      names = "--token-ids",
      paramLabel = "A-B",
      description = {
        "With --url: ids that prompts may be made of. Default: ${DEFAULT-VALUE}, which most",
        "vocabularies have, without special tokens."
      })
  private String tokenIds = "1000-29999";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Other seeds make other tokens, which no cache has. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description = "Send other prompts this long first. Default: ${DEFAULT-VALUE}.")
  private int warmUpSeconds = 3;

  @Option(
      names = "--max-sequences",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Most answers that an engine computes at a time. Default: ${DEFAULT-VALUE}.")
  private int maxSequences = EngineConfig.DEFAULTS.maxSequences();

  @Option(
      names = "--no-cache",
      description = "Use no prefix cache. With --url: every request gets a cache salt of its own.")
  private boolean noCache;

  @Option(
      names = "--cpu-clock",
      description = {
        "Count the engine's CPU time as compute, not the time that its steps took: for a",
        "machine that others use too. Needs one worker of this process and --threads 1."
      })
  private boolean cpuClock;

  @Mixin private EngineOptions engineOptions = new EngineOptions();

  boolean remote() {
    return !urls.isEmpty();
  }

  /** Which of several workers gets a request. */
  Policy policy() {
    return policy;
  }

  EngineOptions engineOptions() {
    return engineOptions;
  }

  boolean cpuClock() {
    return cpuClock;
  }

  /** Loads the model that is to run in this process. */
  OpenModel openModel(CliContext context) throws InterruptedException {
    String name = model == null ? Main.DEFAULT_MODEL : model;
    return OpenModel.load(context.models().get(name, context.progress()), engineOptions, context);
  }

  /** What the options ask for. */
  Rung rung() {
    return new Rung("run", !noCache, maxSequences, engineOptions.maxDraftTokens());
  }

  /** Most requests at the same time that keep all workers busy. */
  int places(Rung rung) {
    return rung.sequences() * Math.max(workers, urls.size());
  }

  /** Loads the model, or notes the servers. */
  BenchSite open(CliContext context) throws InterruptedException {
    if (cpuClock && (remote() || workers > 1 || engineOptions.threads() > 1)) {
      throw new UserError("--cpu-clock needs one worker of this process and --threads 1");
    }
    if (!remote()) {
      String name = model == null ? Main.DEFAULT_MODEL : model;
      LocalModel local = context.models().get(name, context.progress());
      return LocalSite.load(local, workers, engineOptions, cpuClock, context);
    }
    if (workers > 1) {
      throw new UserError("--workers is for engines of this process; leave it out with --url");
    }
    Matcher range = RANGE.matcher(tokenIds);
    if (!range.matches()) {
      throw new UserError(
          "--token-ids %s is no range; write for example 1000-29999".formatted(tokenIds));
    }
    Optional<String> key =
        Optional.ofNullable(context.environment().get("KRAFLA_API_KEY")).filter(k -> !k.isBlank());
    return new RemoteSite(
        urls,
        key,
        model == null ? "" : model,
        Integer.parseInt(range.group(1)),
        Integer.parseInt(range.group(2)) + 1);
  }

  /** Of made-up tokens. */
  long seed() {
    return seed;
  }

  Duration warmUp() {
    return Duration.ofSeconds(warmUpSeconds);
  }
}
