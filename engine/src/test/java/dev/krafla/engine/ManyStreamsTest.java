package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.kernels.KvType;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ManyStreamsTest {
  private static final int REQUESTS = 10_000;
  private static final int STREAMS = 64;

  @Test
  void tenThousandRequestsOver64StreamsWithAbortsEndWithoutAnErrorOrALeak()
      throws InterruptedException, ExecutionException {
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvType(KvType.F32)
            .withKvBytes(FakeLm.kvBytes(150))
            .withMaxBatchTokens(128)
            .withMaxSequences(32);
    var next = new AtomicInteger();
    var left = new AtomicInteger();
    try (Engine engine = Engine.start(new FakeLm(128, 128), new FakeTokenizer(), config)) {
      try (var readers = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
          done.add(readers.submit(() -> read(engine, next, left)));
        }
        for (Future<?> reader : done) {
          reader.get(); // throws what a reader met
        }
      }
      assertThat(engine.drain(java.time.Duration.ofSeconds(30))).isTrue();
      EngineStats stats = engine.stats();
      assertThat(stats.failed()).isZero();
      assertThat(stats.rejected()).isZero();
      assertThat(stats.usedBlocks()).isZero();
      assertThat(stats.running() + stats.waiting()).isZero();
      assertThat(stats.finished() + stats.aborted()).isEqualTo(REQUESTS);
      // An abort may come after the end of the answer: never more than were left.
      assertThat(stats.aborted()).isBetween(1L, (long) left.get());
    }
  }

  private static void read(Engine engine, AtomicInteger next, AtomicInteger left) {
    for (int i = next.getAndIncrement(); i < REQUESTS; i = next.getAndIncrement()) {
      var random = new SplittableRandom(i);
      int[] prompt = new int[1 + random.nextInt(60)];
      for (int k = 0; k < prompt.length; k++) {
        prompt[k] = 1 + k % (30 + random.nextInt(3) * 10);
      }
      Request request =
          Request.of(prompt, 1 + random.nextInt(40))
              .withSampling(SamplingParams.temperature(1))
              .withStop(random.nextInt(3) == 0 ? List.of("a", "xy") : List.of())
              .withChoices(random.nextInt(10) == 0 ? 3 : 1);
      int patience = random.nextInt(3) == 0 ? random.nextInt(10) : Integer.MAX_VALUE;
      int ends = 0;
      try (TokenStream stream = engine.submit(request)) {
        if (patience == 0) {
          left.incrementAndGet();
          continue;
        }
        for (TokenEvent event : stream) {
          ends += event.finish().isPresent() ? 1 : 0;
          if (--patience == 0) {
            left.incrementAndGet();
            break;
          }
        }
      }
      if (patience > 0 && ends != request.choices()) {
        throw new AssertionError("request %d ended %d times".formatted(i, ends));
      }
    }
  }
}
