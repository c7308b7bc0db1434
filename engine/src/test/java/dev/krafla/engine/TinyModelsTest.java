package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import dev.krafla.models.CausalLm;
import dev.krafla.models.LoadOptions;
import dev.krafla.models.ModelLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real networks of every architecture (tiny, with random weights) on the scalar tier: whatever else
 * is in the batch, an answer's tokens and log probabilities are the same bits, with every type of
 * KV cache. The sliding windows of mistral and gemma3 (20 tokens) are shorter than most prompts.
 */
class TinyModelsTest {
  private static final Path GOLDEN = Path.of("..", "models", "src", "test", "resources", "golden");
  private static final int CONTEXT = 128;

  /** Steps as large as they may be, however slow this machine is. */
  static final SchedulingPolicy UNHURRIED =
      SchedulingPolicy.DEFAULTS.withLevel(
          ServiceClass.NORMAL, new ServiceLevel(Optional.empty(), Optional.empty(), 0.2));

  @ParameterizedTest
  @ValueSource(strings = {"llama", "mistral", "qwen2", "qwen3", "gemma3"})
  void answersAreTheSameBitsAloneTogetherInPiecesPreemptedAndCached(String model) {
    try (Kernels kernels = KernelTiers.open("scalar", 1);
        CausalLm lm =
            ModelLoader.loadLm(
                GOLDEN.resolve("models").resolve(model),
                kernels,
                LoadOptions.defaults().withMaxContext(CONTEXT).withMaxBatchRows(256))) {
      for (KvType type : types(lm)) {
        EngineConfig config =
            EngineConfig.DEFAULTS
                .withKvType(type)
                .withKvBytes(bytes(lm, type, 512))
                .withScheduling(UNHURRIED);
        List<Request> requests = requests(lm.info().vocabSize());
        List<List<TokenEvent>> alone = new ArrayList<>();
        for (Request request : requests) {
          alone.addAll(run(lm, config.withPrefixCaching(false), List.of(request)).events);
        }
        Run together = run(lm, config.withPrefixCaching(false), requests);
        assertSame(together.events, alone, "together");
        assertThat(together.stats.steps()).isLessThan(60);

        assertSame(run(lm, config.withMaxBatchTokens(7), requests).events, alone, "in pieces");

        Run cached = run(lm, config, requests);
        assertSame(cached.events, alone, "cached");
        assertThat(cached.stats.prefixHitTokens()).isGreaterThan(300);

        Run preempted = run(lm, config.withKvBytes(bytes(lm, type, 12)), requests);
        assertSame(preempted.events, alone, "preempted");
        assertThat(preempted.stats.preemptions()).isPositive();

        EngineConfig tight = config.withKvBytes(bytes(lm, type, 12)).withMaxBatchTokens(7);
        assertSame(run(lm, tight, requests).events, alone, "preempted and in pieces");
      }
    }
  }

  /** All, but Q8 only where heads are whole blocks: those of qwen3, mistral and gemma3. */
  private static List<KvType> types(CausalLm lm) {
    boolean wholeBlocks = lm.kvShape().headDim() % 32 == 0;
    return Stream.of(KvType.values()).filter(t -> t != KvType.Q8 || wholeBlocks).toList();
  }

  private static long bytes(CausalLm lm, KvType type, int blocks) {
    return KvCache.blockBytes(lm.kvShape(), type) * blocks;
  }

  /** 32 prompts that share beginnings of several lengths; half greedy, half drawn. */
  private static List<Request> requests(int vocabSize) {
    var random = new SplittableRandom(17);
    int[] common = random.ints(64, 1, vocabSize).toArray();
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      int[] prompt = random.ints(1 + random.nextInt(70), 1, vocabSize).toArray();
      int shared = Math.min(random.nextInt(65), prompt.length);
      System.arraycopy(common, 0, prompt, 0, shared);
      SamplingParams sampling =
          i % 2 == 0 ? SamplingParams.GREEDY : SamplingParams.temperature(1).withSeed(i);
      requests.add(
          Request.of(prompt, 24)
              .withSampling(sampling)
              .withTopLogprobs(5)
              .withIgnoreEndTokens(true));
    }
    return requests;
  }

  private record Run(List<List<TokenEvent>> events, EngineStats stats) {}

  private static Run run(CausalLm lm, EngineConfig config, List<Request> requests) {
    try (Engine engine = Engine.unstarted(lm, new FakeTokenizer(), config)) {
      List<TokenStream> streams = requests.stream().map(engine::submit).toList();
      while (engine.step()) {
        // until nothing is left to do
      }
      List<List<TokenEvent>> events = new ArrayList<>();
      for (TokenStream stream : streams) {
        List<TokenEvent> answer = new ArrayList<>();
        stream.forEach(answer::add);
        events.add(answer);
      }
      return new Run(events, engine.stats());
    }
  }

  private static void assertSame(
      List<List<TokenEvent>> actual, List<List<TokenEvent>> expected, String how) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i)).as("%s: request %d", how, i).isEqualTo(expected.get(i));
    }
  }
}
