package dev.krafla.bench;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.engine.Request;
import dev.krafla.engine.RequestTerms;
import dev.krafla.engine.SchedulingPolicy;
import dev.krafla.engine.ServiceClass;
import dev.krafla.engine.TokenStream;
import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What eight running answers feel of a long prompt beside them: the gaps between their tokens while
 * it is computed, with steps of a fixed size and with steps that are fitted to a time per token, in
 * turn. Arguments: MODEL, tokens of the prompt (4000), rounds (5), milliseconds per token (50).
 * Times are taken where the tokens are read, by a virtual thread for each answer.
 */
public final class GapsBesidePrompt {
  private static final int ANSWERS = 8;
  private static final int ANSWER_PROMPT = 32;
  private static final int BEFORE = 40; // tokens of each answer before the prompt comes
  private static final long KV_BYTES = 1L << 30;

  private final int vocabSize;
  private final int promptTokens;
  private final int maxTokens;
  private final SplittableRandom random = new SplittableRandom(20_261_124);

  private GapsBesidePrompt(LoadedModel model, int promptTokens) {
    this.vocabSize = model.lm().info().vocabSize();
    this.promptTokens = promptTokens;
    this.maxTokens = model.lm().info().contextLength() - ANSWER_PROMPT - 1;
  }

  /** What was seen in one round, or in several. */
  private record Seen(List<Long> alone, List<Long> beside, List<Duration> firstToken) {
    Seen() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    void add(Seen other) {
      alone.addAll(other.alone);
      beside.addAll(other.beside);
      firstToken.addAll(other.firstToken);
    }
  }

  public static void main(String[] args) throws ExecutionException, InterruptedException {
    int prompt = args.length > 1 ? Integer.parseInt(args[1]) : 4000;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    int millis = args.length > 3 ? Integer.parseInt(args[3]) : 50;
    int threads =
        args.length > 4 ? Integer.parseInt(args[4]) : Runtime.getRuntime().availableProcessors();
    try (Kernels kernels = KernelTiers.best(threads);
        LoadedModel model = ModelLoader.load(Path.of(args[0]), kernels)) {
      var bench = new GapsBesidePrompt(model, prompt);
      var fixed = new Seen();
      var fitted = new Seen();
      for (int round = 0; round <= rounds; round++) { // the first warms up
        Seen a = bench.round(model, policy(Optional.empty()));
        Seen b = bench.round(model, policy(Optional.of(Duration.ofMillis(millis))));
        if (round > 0) {
          fixed.add(a);
          fitted.add(b);
        }
      }
      System.out.printf(
          "%s, %s, %d answers, a prompt of %d tokens, %d rounds in turn; ms%n%-16s %22s %30s %12s%n",
          model.lm().info().name(),
          kernels.tier(),
          ANSWERS,
          prompt,
          rounds,
          "",
          "gap alone p50 p99",
          "gap beside it p50 p99 max",
          "first token");
      print("fixed steps", fixed);
      print("within %d ms".formatted(millis), fitted);
    }
  }

  private static SchedulingPolicy policy(Optional<Duration> perToken) {
    SchedulingPolicy policy = SchedulingPolicy.DEFAULTS;
    for (ServiceClass c : ServiceClass.values()) {
      policy = policy.withLevel(c, policy.level(c).withPerToken(perToken));
    }
    return policy;
  }

  private static void print(String name, Seen seen) {
    System.out.printf(
        "%-16s %11.1f %10.1f %11.1f %8.1f %9.1f %12.0f%n",
        name,
        quantile(seen.alone, 0.5),
        quantile(seen.alone, 0.99),
        quantile(seen.beside, 0.5),
        quantile(seen.beside, 0.99),
        quantile(seen.beside, 1),
        quantile(seen.firstToken.stream().map(Duration::toNanos).toList(), 0.5));
  }

  private static double quantile(List<Long> nanos, double share) {
    List<Long> sorted = nanos.stream().sorted().toList();
    return sorted.get((int) Math.min(sorted.size() - 1L, (long) (share * sorted.size()))) / 1e6;
  }

  private Request request(int tokens, int output, ServiceClass serviceClass) {
    return Request.of(random.ints(tokens, 0, vocabSize).toArray(), output)
        .withIgnoreEndTokens(true)
        .withTerms(RequestTerms.DEFAULTS.withServiceClass(serviceClass));
  }

  private Seen round(LoadedModel model, SchedulingPolicy policy)
      throws ExecutionException, InterruptedException {
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvBytes(KV_BYTES)
            .withPrefixCaching(false)
            .withMaxDraftTokens(0) // every token is a step
            .withScheduling(policy);
    var running = new CountDownLatch(ANSWERS);
    List<TokenStream> streams = new ArrayList<>();
    try (Engine engine = Engine.start(model, config);
        var readers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<long[]>> times = new ArrayList<>();
      for (int i = 0; i < ANSWERS; i++) {
        TokenStream stream =
            engine.submit(request(ANSWER_PROMPT, maxTokens, ServiceClass.INTERACTIVE));
        streams.add(stream);
        times.add(readers.submit(() -> read(stream, running)));
      }
      running.await();
      long from = System.nanoTime();
      Duration firstToken;
      try (TokenStream prompt = engine.submit(request(promptTokens, 1, ServiceClass.NORMAL))) {
        prompt.iterator().next();
        firstToken = prompt.usage().firstToken();
      }
      long until = System.nanoTime();
      streams.forEach(TokenStream::close);
      var seen = new Seen();
      seen.firstToken.add(firstToken);
      for (Future<long[]> answer : times) {
        sort(answer.get(), from, until, seen);
      }
      return seen;
    }
  }

  /** When each token came. */
  private static long[] read(TokenStream stream, CountDownLatch running) {
    long[] times = new long[64];
    int count = 0;
    for (var _ : stream) {
      if (count == times.length) {
        times = Arrays.copyOf(times, 2 * count);
      }
      times[count++] = System.nanoTime();
      if (count == BEFORE) {
        running.countDown();
      }
    }
    return Arrays.copyOf(times, count);
  }

  /** A gap counts where it ends: before the prompt came, or before its first token did. */
  private static void sort(long[] times, long from, long until, Seen seen) {
    for (int i = BEFORE / 2; i < times.length; i++) { // by then all eight run
      if (times[i] < from) {
        seen.alone.add(times[i] - times[i - 1]);
      } else if (times[i] <= until) {
        seen.beside.add(times[i] - times[i - 1]);
      }
    }
  }
}
