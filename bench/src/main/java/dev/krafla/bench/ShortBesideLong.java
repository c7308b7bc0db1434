package dev.krafla.bench;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.engine.Request;
import dev.krafla.engine.SchedulingPolicy;
import dev.krafla.engine.TokenStream;
import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How long short prompts wait for their first token behind long ones of the same class and tenant,
 * and these behind them: in order of arrival, and shortest first, aged; in turn in one process.
 * Arguments: MODEL, tokens of a long prompt, long prompts, short prompts (60 tokens, one every 150
 * ms), rounds.
 */
public final class ShortBesideLong {
  private static final int SHORT_TOKENS = 60;
  private static final Duration APART = Duration.ofMillis(150);

  private final LoadedModel model;
  private final int longTokens;
  private final int longs;
  private final int shorts;
  private final SplittableRandom random = new SplittableRandom(4);

  private ShortBesideLong(LoadedModel model, int longTokens, int longs, int shorts) {
    this.model = model;
    this.longTokens = longTokens;
    this.longs = longs;
    this.shorts = shorts;
  }

  public static void main(String[] args) throws InterruptedException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (Kernels kernels = KernelTiers.best(threads);
        LoadedModel model = ModelLoader.load(Path.of(args[0]), kernels)) {
      var bench =
          new ShortBesideLong(
              model,
              Integer.parseInt(args[1]),
              Integer.parseInt(args[2]),
              Integer.parseInt(args[3]));
      bench.measure(Integer.parseInt(args[4]));
    }
  }

  /** Milliseconds to the first token. */
  private record Seen(List<Long> shorts, List<Long> longs) {
    Seen() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  private void measure(int rounds) throws InterruptedException {
    var arrival = new Seen();
    var shortest = new Seen();
    round(new Seen(), SchedulingPolicy.DEFAULTS); // warms up
    for (int i = 0; i < rounds; i++) {
      round(arrival, SchedulingPolicy.DEFAULTS.withStretch(0));
      round(shortest, SchedulingPolicy.DEFAULTS);
    }
    System.out.printf("%-16s %22s %22s%n", "first token, ms", "short p50 p99", "long p50 max");
    print("as they come", arrival);
    print("shortest first", shortest);
  }

  private static void print(String name, Seen seen) {
    System.out.printf(
        "%-16s %13d %8d %13d %8d%n",
        name,
        quantile(seen.shorts, 0.5),
        quantile(seen.shorts, 0.99),
        quantile(seen.longs, 0.5),
        quantile(seen.longs, 1));
  }

  private static long quantile(List<Long> of, double share) {
    List<Long> sorted = of.stream().sorted().toList();
    return sorted.get((int) Math.min(sorted.size() - 1L, (long) (share * sorted.size())));
  }

  private void round(Seen seen, SchedulingPolicy policy) throws InterruptedException {
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvBytes(1L << 30)
            .withPrefixCaching(false)
            .withMaxDraftTokens(0)
            .withScheduling(policy);
    try (Engine engine = Engine.start(model, config)) {
      List<TokenStream> longOnes = new ArrayList<>();
      List<TokenStream> shortOnes = new ArrayList<>();
      for (int i = 0; i < longs; i++) {
        longOnes.add(engine.submit(request(longTokens, 4)));
      }
      for (int i = 0; i < shorts; i++) {
        Thread.sleep(APART);
        shortOnes.add(engine.submit(request(SHORT_TOKENS, 16)));
      }
      add(shortOnes, seen.shorts);
      add(longOnes, seen.longs);
    }
  }

  private static void add(List<TokenStream> streams, List<Long> to) {
    for (TokenStream stream : streams) {
      stream.forEach(event -> {});
      to.add(stream.usage().firstToken().toMillis());
    }
  }

  private Request request(int tokens, int output) {
    int[] prompt = random.ints(tokens, 0, model.lm().info().vocabSize()).toArray();
    return Request.of(prompt, output).withIgnoreEndTokens(true);
  }
}
