package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.EndedRequest.Outcome;
import dev.krafla.kernels.KvType;
import dev.krafla.models.ModelInfo.Pooling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The accounts of all requests add up to what the engine counts, whatever happens to them. */
class AccountsTest {
  private static final int CONTEXT = 160;
  private static final int RUNS = 60;
  private static final int REQUESTS = 50;

  private final Logger log = Logger.getLogger(StepLoop.class.getName());

  @BeforeEach
  void silenceTheFailuresThatAreMeantToHappen() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void logAgain() {
    log.setLevel(null);
  }

  /** All accounts together. */
  private static final class Sums {
    final List<EndedRequest> ended = new ArrayList<>();

    long of(ToLongFunction<EndedRequest> what) {
      return ended.stream().mapToLong(what).sum();
    }

    long count(Outcome outcome) {
      return ended.stream().filter(e -> e.outcome() == outcome).count();
    }
  }

  @Test
  void tokensAddUpExactlyAndTimeToTheNanosecond() {
    long preemptions = 0;
    long accepted = 0;
    long shed = 0;
    long failed = 0;
    long aborted = 0;
    for (long seed = 0; seed < RUNS; seed++) {
      EngineStats stats = run(new SplittableRandom(seed), "seed " + seed);
      preemptions += stats.preemptions();
      accepted += stats.acceptedTokens();
      shed += stats.shed();
      failed += stats.failed();
      aborted += stats.aborted();
    }
    // It has met with all that could upset the sums.
    assertThat(preemptions).isGreaterThan(RUNS);
    assertThat(accepted).isGreaterThan(RUNS);
    assertThat(shed).isPositive();
    assertThat(failed).isPositive();
    assertThat(aborted).isGreaterThan(RUNS);
  }

  private static EngineStats run(SplittableRandom random, String name) {
    var lm = new FakeLm(CONTEXT, 64);
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvType(KvType.F32)
            .withKvBytes(FakeLm.kvBytes(12 + random.nextInt(20)))
            .withMaxBatchTokens(8 + random.nextInt(56))
            .withMaxSequences(2 + random.nextInt(8));
    // Each reading takes 7 ns, each row a millisecond: nothing divides evenly.
    var readings = new AtomicLong();
    var sums = new Sums();
    Engine engine =
        Engine.unstarted(
            lm,
            new FakeTokenizer(),
            config,
            () -> readings.addAndGet(7) + lm.rowsComputed * 1_000_003);
    engine.onEnded(sums.ended::add);
    List<TokenStream> streams = new ArrayList<>();
    int[] common = random.ints(60, 1, 4).toArray(); // of few tokens: guesses come true
    while (streams.size() < REQUESTS) {
      switch (random.nextInt(6)) {
        case 0, 1 -> streams.add(engine.submit(request(random, common)));
        case 2 -> {
          if (!streams.isEmpty() && random.nextInt(2) == 0) {
            streams.get(random.nextInt(streams.size())).close();
          }
        }
        case 3 -> lm.failNext = random.nextInt(40) == 0;
        default -> engine.step();
      }
    }
    lm.failNext = false;
    int most = random.nextInt(3) == 0 ? 5 : Integer.MAX_VALUE; // some are cut off by close
    for (int i = 0; i < most && engine.step(); i++) {
      // goes on
    }
    engine.close();
    check(engine.stats(), sums, name);
    return engine.stats();
  }

  private static Request request(SplittableRandom random, int[] common) {
    int[] prompt = Arrays.copyOf(common, 1 + random.nextInt(common.length));
    if (random.nextBoolean()) {
      prompt[prompt.length - 1] = random.nextInt(1, FakeLm.VOCAB);
    }
    RequestTerms terms =
        RequestTerms.DEFAULTS
            .withServiceClass(
                List.of(ServiceClass.values()).get(random.nextInt(ServiceClass.values().length)))
            .withTenant("t" + random.nextInt(3));
    if (random.nextInt(5) == 0) {
      terms = terms.withFirstToken(Duration.ofMillis(20 + random.nextInt(200)));
    }
    // A bias for few tokens makes answers repeat themselves, so that guesses come true.
    SamplingParams sampling =
        SamplingParams.GREEDY.withLogitBias(Map.of(1 + random.nextInt(3), random.nextInt(2) * 50f));
    return Request.of(prompt, 1 + random.nextInt(60))
        .withSampling(sampling)
        .withIgnoreEndTokens(true)
        .withChoices(random.nextInt(4) == 0 ? 2 : 1)
        .withTerms(terms);
  }

  private static void check(EngineStats stats, Sums sums, String name) {
    assertThat(sums.ended).as(name).hasSize(REQUESTS);
    assertThat(sums.count(Outcome.FINISHED)).as(name).isEqualTo(stats.finished());
    assertThat(sums.count(Outcome.ABORTED)).as(name).isEqualTo(stats.aborted());
    assertThat(sums.count(Outcome.FAILED)).as(name).isEqualTo(stats.failed());
    assertThat(sums.count(Outcome.SHED)).as(name).isEqualTo(stats.shed());
    assertThat(sums.of(e -> e.admitted() ? e.usage().promptTokens() : 0))
        .as(name)
        .isEqualTo(stats.promptTokens());
    assertThat(sums.of(e -> e.usage().cachedTokens())).as(name).isEqualTo(stats.prefixHitTokens());
    assertThat(sums.of(e -> e.usage().outputTokens())).as(name).isEqualTo(stats.generationTokens());
    assertThat(sums.of(e -> e.usage().work().computedTokens()))
        .as(name)
        .isEqualTo(stats.computedTokens());
    assertThat(sums.of(e -> e.usage().work().draftTokens()))
        .as(name)
        .isEqualTo(stats.draftTokens());
    assertThat(sums.of(e -> e.usage().work().acceptedTokens()))
        .as(name)
        .isEqualTo(stats.acceptedTokens());
    assertThat(sums.of(e -> e.usage().preemptions())).as(name).isEqualTo(stats.preemptions());
    assertThat(sums.of(e -> e.usage().work().compute().toNanos()))
        .as(name)
        .isEqualTo(stats.busy().toNanos());
  }

  @Test
  void embeddingsHaveAccountsToo() throws ExecutionException, InterruptedException {
    var lm = new FakeLm(CONTEXT, 64, Pooling.MEAN);
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvType(KvType.F32)
            .withKvBytes(FakeLm.kvBytes(60))
            .withMaxBatchTokens(48);
    var sums = new Sums();
    var random = new SplittableRandom(3);
    try (Engine engine = Engine.start(lm, new FakeTokenizer(), config);
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      engine.onEnded(sums.ended::add); // from the engine's thread alone
      List<Future<float[]>> embeddings = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        int[] tokens = random.ints(1 + random.nextInt(150), 1, FakeLm.VOCAB).toArray();
        embeddings.add(
            executor.submit(
                () -> engine.embed(tokens, RequestTerms.DEFAULTS.withTenant("embedder"))));
        Answers.read(engine.submit(request(random, new int[60])), 2);
      }
      for (Future<float[]> embedding : embeddings) {
        embedding.get();
      }
      assertThat(engine.drain(Duration.ofMinutes(1))).isTrue();
      EngineStats stats = engine.stats();
      assertThat(sums.ended).hasSize(40);
      assertThat(sums.of(e -> e.usage().work().computedTokens())).isEqualTo(stats.computedTokens());
      assertThat(sums.of(e -> e.usage().work().compute().toNanos()))
          .isEqualTo(stats.busy().toNanos());
      assertThat(sums.of(e -> e.terms().tenant().equals("embedder") ? 1 : 0)).isEqualTo(20);
    }
  }
}
