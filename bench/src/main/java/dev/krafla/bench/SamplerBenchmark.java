package dev.krafla.bench;

import dev.krafla.engine.SamplingParams;
import dev.krafla.engine.sample.CounterRandom;
import dev.krafla.engine.sample.Sampler;
import dev.krafla.engine.sample.TokenCounts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One token drawn from one row of logits. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1)
public class SamplerBenchmark {
  private static final int TOP_K = 40;
  private static final int HISTORY = 500;

  /** How tokens are drawn. */
  public enum Way {
    /** The likeliest. */
    GREEDY,
    /** Any, by its probability. */
    TEMPERATURE,
    /** What chats usually ask for: top-k 40, top-p 0.95, temperature 0.8. */
    TOP_K_TOP_P,
    /** Min-p 0.05, which looks at the whole row. */
    MIN_P,
    /** As TOP_K_TOP_P, with penalties on 500 tokens of history. */
    PENALTIES
  }

  @Param({"49152", "151936"})
  int vocabulary;

  @Param Way way;

  private final Arena arena = Arena.ofAuto();
  private MemorySegment logits;
  private Sampler sampler;
  private SamplingParams params;
  private @Nullable TokenCounts counts;
  private int position;
  private int drawn;

  @Setup
  public void open() {
    logits = arena.allocate(4L * vocabulary, 64);
    var random = new Random(3);
    for (int i = 0; i < vocabulary; i++) {
      logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian() * 3);
    }
    sampler = new Sampler(vocabulary);
    SamplingParams usual = SamplingParams.temperature(0.8f).withTopK(TOP_K).withTopP(0.95f);
    params =
        switch (way) {
          case GREEDY -> SamplingParams.GREEDY;
          case TEMPERATURE -> SamplingParams.temperature(0.8f);
          case TOP_K_TOP_P -> usual;
          case MIN_P -> SamplingParams.temperature(0.8f).withMinP(0.05f);
          case PENALTIES -> usual.withRepetitionPenalty(1.1f).withFrequencyPenalty(0.2f);
        };
    if (way == Way.PENALTIES) {
      counts = new TokenCounts();
      counts.addPrompt(random.ints(HISTORY, 0, vocabulary).toArray());
    }
  }

  @Benchmark
  public int draw() {
    double u = CounterRandom.uniform(7, 0, position++);
    drawn = sampler.draw(logits, params, counts, null, u);
    return drawn;
  }

  /** The last token must be one that the parameters leave over. */
  @TearDown
  public void check() {
    long better = IntStream.range(0, vocabulary).filter(i -> logit(i) > logit(drawn)).count();
    long allowed =
        switch (way) {
          case GREEDY -> 1;
          case TOP_K_TOP_P -> TOP_K;
          case PENALTIES -> TOP_K + HISTORY; // a penalty may push a better one down
          case TEMPERATURE, MIN_P -> vocabulary;
        };
    double least = way == Way.MIN_P ? Math.log(0.05) * 0.8 : Double.NEGATIVE_INFINITY;
    double top = IntStream.range(0, vocabulary).mapToDouble(this::logit).max().orElseThrow();
    if (better >= allowed || logit(drawn) - top < least - 1e-4) {
      throw new IllegalStateException(
          "%s drew token %d, %d places from the best, logit %s below it"
              .formatted(way, drawn, better, top - logit(drawn)));
    }
  }

  private float logit(int token) {
    return logits.getAtIndex(ValueLayout.JAVA_FLOAT, token);
  }
}
