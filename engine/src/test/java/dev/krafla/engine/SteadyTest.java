package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelLoader;
import dev.krafla.testing.MemoryTrend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The real model under 64 concurrent streams of random lengths, aborts, stop strings and
 * constraints. Takes minutes, so that only {@code ./krafla test --full} runs it; {@code
 * KRAFLA_STEADY} sets another number of requests than 10,000.
 */
@Tag("full")
class SteadyTest {
  private static final int STREAMS = 64;
  private static final int PARTS = 10;
  private static final int WARM_PARTS = 3;

  /** Room for some 40 of the 64: requests wait for room, and cached prefixes are evicted. */
  private static final long KV_BYTES = 96L << 20;

  private static final List<String> SUBJECTS =
      List.of("rain", "bread", "Java", "the moon", "volcanoes", "a 北京 teahouse", "cats 🐈");

  @Test
  void manyRequestsEndWithoutErrorLeakOrGrowingMemory()
      throws InterruptedException, ExecutionException {
    int requests = Integer.parseInt(System.getenv().getOrDefault("KRAFLA_STEADY", "10000"));
    try (Kernels kernels = KernelTiers.best(Runtime.getRuntime().availableProcessors());
        LoadedModel model = ModelLoader.load(PulledModel.smolLm2(), kernels);
        Engine engine = Engine.start(model, EngineConfig.DEFAULTS.withKvBytes(KV_BYTES))) {
      var memory = new MemoryTrend();
      for (int part = 0; part < PARTS; part++) {
        run(engine, model, requests * part / PARTS, requests * (part + 1) / PARTS);
        memory.sample();
      }
      assertThat(engine.drain(Duration.ofMinutes(1))).isTrue();
      EngineStats stats = engine.stats();
      System.out.printf("steady: %s%nKiB held: %s%n", stats, memory);
      assertThat(stats.failed()).isZero();
      assertThat(stats.rejected()).isZero();
      assertThat(stats.usedBlocks()).isZero();
      assertThat(stats.finished() + stats.aborted()).isEqualTo(requests);
      // The first parts warm up: code is compiled, the cache filled.
      assertThat(memory.growthKib(WARM_PARTS)).isLessThan(32 << 10);
    }
  }

  private static void run(Engine engine, LoadedModel model, int from, int to)
      throws InterruptedException, ExecutionException {
    var next = new AtomicInteger(from);
    try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        done.add(
            readers.submit(() -> {
              for (int k = next.getAndIncrement(); k < to; k = next.getAndIncrement()) {
                one(engine, model, new SplittableRandom(k));
              }
            }));
      }
      for (Future<?> reader : done) {
        reader.get(); // throws what a reader met
      }
    }
  }

  private static void one(Engine engine, LoadedModel model, SplittableRandom random) {
    String subject = SUBJECTS.get(random.nextInt(SUBJECTS.size()));
    String prompt =
        "You are a poet. ".repeat(random.nextInt(12))
            + (random.nextBoolean() ? "" : "This is poem " + random.nextLong() + ". ")
            + "Write about "
            + subject
            + ".\n";
    Request request =
        Request.of(model.tokenizer().encode(prompt, true, false), 1 + random.nextInt(48))
            .withSampling(SamplingParams.temperature(random.nextInt(2)).withTopP(0.95f))
            .withStop(random.nextInt(3) == 0 ? List.of(".", "\n\n") : List.of())
            .withChoices(random.nextInt(12) == 0 ? 3 : 1);
    if (random.nextInt(20) == 0) {
      request = request.withConstraint(new Constraint.AnyJson());
    }
    int patience = random.nextInt(4) == 0 ? 1 + random.nextInt(20) : Integer.MAX_VALUE;
    try (TokenStream stream = engine.submit(request)) {
      for (TokenEvent event : stream) {
        if (--patience == 0 || event.token() < 0) {
          return;
        }
      }
    }
  }
}
