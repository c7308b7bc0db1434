package dev.krafla.platform.bench;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.engine.Request;
import dev.krafla.engine.TokenEvent;
import dev.krafla.engine.TokenStream;
import dev.krafla.engine.Usage;
import dev.krafla.kernels.KvCache;
import dev.krafla.models.LoadedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Runs tests on an engine of its own, one at a time: real requests through scheduler, forward pass
 * and greedy sampling, end tokens ignored. For use by one thread.
 */
public final class Bench implements AutoCloseable {
  private static final long SEED = 20_261_124;

  private final Engine engine;
  private final int vocabSize;
  private final SplittableRandom random = new SplittableRandom(SEED);

  private Bench(Engine engine, int vocabSize) {
    this.engine = engine;
    this.vocabSize = vocabSize;
  }

  /**
   * A bench that can run {@code tests} on {@code model}: with a KV cache that holds the largest of
   * them, and without prefix caching.
   *
   * @param config gives the KV type and the step's token budget
   */
  public static Bench of(LoadedModel model, EngineConfig config, List<BenchTest> tests) {
    long blocks = 1;
    int sequences = 1;
    for (BenchTest test : tests) {
      long perSequence = Math.ceilDiv(test.sequenceTokens(), KvCache.BLOCK_TOKENS);
      blocks = Math.max(blocks, perSequence * test.sequences());
      sequences = Math.max(sequences, test.sequences());
    }
    EngineConfig sized =
        config
            .withKvBytes(blocks * KvCache.blockBytes(model.lm().kvShape(), config.kvType()))
            .withMaxSequences(sequences)
            .withMaxQueued(sequences)
            .withPrefixCaching(false)
            .withMaxDraftTokens(0); // every token of a test is computed by itself
    return new Bench(Engine.start(model, sized), model.lm().info().vocabSize());
  }

  /**
   * Runs {@code test} once.
   *
   * @throws dev.krafla.engine.RequestTooLarge when it exceeds the model's context
   */
  public Sample run(BenchTest test) {
    return switch (test) {
      case BenchTest.Prefill(int tokens) -> prefill(tokens);
      case BenchTest.Decode(int tokens) -> decode(tokens);
      case BenchTest.Together(int sequences, int promptTokens, int tokens) ->
          together(sequences, promptTokens, tokens);
    };
  }

  private Sample prefill(int tokens) {
    try (TokenStream stream = submit(tokens, 1)) {
      readToEnd(stream.iterator());
      Duration first = stream.usage().firstToken();
      return new Sample(tokens / seconds(first), first);
    }
  }

  private Sample decode(int tokens) {
    long start = System.nanoTime();
    try (TokenStream stream = submit(1, tokens)) {
      readToEnd(stream.iterator());
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      return new Sample(tokens / seconds(took), stream.usage().firstToken());
    }
  }

  /**
   * One reader for all: on a machine whose cores all compute, readers would be in the way. It sees
   * the last first token some 0.1 ms late, which counts where a step takes no longer than that.
   */
  private Sample together(int sequences, int promptTokens, int tokens) {
    List<TokenStream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < sequences; i++) {
        streams.add(submit(promptTokens, tokens));
      }
      List<Iterator<TokenEvent>> answers = streams.stream().map(TokenStream::iterator).toList();
      answers.forEach(Iterator::next);
      long start = System.nanoTime();
      int before = drawn(streams);
      answers.forEach(Bench::readToEnd);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      return new Sample((drawn(streams) - before) / seconds(took), medianFirstToken(streams));
    } finally {
      streams.forEach(TokenStream::close);
    }
  }

  private TokenStream submit(int promptTokens, int tokens) {
    int[] prompt = random.ints(promptTokens, 0, vocabSize).toArray();
    return engine.submit(Request.of(prompt, tokens).withIgnoreEndTokens(true));
  }

  private static void readToEnd(Iterator<TokenEvent> answer) {
    while (answer.hasNext()) {
      answer.next();
    }
  }

  private static int drawn(List<TokenStream> streams) {
    return streams.stream().map(TokenStream::usage).mapToInt(Usage::outputTokens).sum();
  }

  private static Duration medianFirstToken(List<TokenStream> streams) {
    List<Duration> sorted =
        streams.stream().map(stream -> stream.usage().firstToken()).sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  @Override
  public void close() {
    engine.close();
  }
}
