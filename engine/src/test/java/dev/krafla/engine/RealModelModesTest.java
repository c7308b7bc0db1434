package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real models on the fastest tier of this machine: however an answer is computed, its log
 * probabilities stay near those of the sequence alone. TinyModelsTest has the same on the scalar
 * tier, bit for bit.
 */
class RealModelModesTest {
  /** Tiers may add up in another order; a wrong row, block or window is nats away. */
  private static final float TOLERANCE = 0.25f;

  private static final int ANSWER = 24;

  /** Longer than the 512 tokens that gemma3's local layers look back on. */
  private static final String LONG =
      "The rain in Iceland falls mainly on the glaciers. ".repeat(60);

  @ParameterizedTest
  @EnumSource(names = {"F16", "Q8"})
  void smolLm2AnswersAlikeInEveryMode(KvType type) {
    check(PulledModel.smolLm2(), type);
  }

  @Tag("full")
  @ParameterizedTest
  @EnumSource(names = {"F16", "Q8"})
  void gemma3AnswersAlikeInEveryModeBeyondItsSlidingWindow(KvType type) {
    check(PulledModel.gemma3(), type);
  }

  private static void check(Path file, KvType type) {
    try (Kernels kernels = KernelTiers.best(Runtime.getRuntime().availableProcessors());
        LoadedModel model = ModelLoader.load(file, kernels)) {
      List<Request> requests = requests(model);
      int longest = requests.stream().mapToInt(r -> r.prompt().length).max().orElseThrow();
      assertThat(longest).isGreaterThan(560);
      EngineConfig config =
          EngineConfig.DEFAULTS
              .withKvType(type)
              .withKvBytes(256L << 20)
              .withScheduling(TinyModelsTest.UNHURRIED);
      EngineConfig fresh = config.withPrefixCaching(false);

      List<List<TokenEvent>> alone = new ArrayList<>();
      for (Request request : requests) {
        alone.addAll(run(model, fresh, List.of(request)).events);
      }
      assertClose(run(model, fresh, requests), alone, "together");
      assertClose(run(model, fresh.withMaxBatchTokens(50), requests), alone, "in pieces");

      Run cached = run(model, config.withMaxBatchTokens(600), requests);
      assertClose(cached, alone, "cached");
      assertThat(cached.stats.prefixHitTokens()).isGreaterThan(500);

      // Room for both long prompts, and not for all that is to be answered.
      int blocks = 2 * Math.ceilDiv(longest, KvCache.BLOCK_TOKENS) + 2;
      long bytes = KvCache.blockBytes(model.lm().kvShape(), type) * blocks;
      Run preempted = run(model, inOrder(fresh).withKvBytes(bytes), requests);
      assertClose(preempted, alone, "preempted");
      assertThat(preempted.stats.preemptions()).isPositive();
    }
  }

  /** Shortest first, the second long prompt would wait until the first is answered. */
  private static EngineConfig inOrder(EngineConfig config) {
    return config.withScheduling(TinyModelsTest.UNHURRIED.withStretch(0));
  }

  /** Two long prompts with one beginning, and short ones that run beside them. */
  private static List<Request> requests(LoadedModel model) {
    List<String> prompts = new ArrayList<>();
    prompts.add(LONG + "In spring");
    prompts.add(LONG + "Farmers say");
    for (String subject : List.of("Reykjavik", "A volcano", "Bread", "Java", "The moon", "Snow")) {
      prompts.add(subject + " is");
    }
    return prompts.stream()
        .map(text ->
            Request.of(model.tokenizer().encode(text, true, false), ANSWER)
                .withTopLogprobs(0)
                .withIgnoreEndTokens(true))
        .toList();
  }

  private record Run(List<List<TokenEvent>> events, EngineStats stats) {}

  private static Run run(LoadedModel model, EngineConfig config, List<Request> requests) {
    try (Engine engine = Engine.unstarted(model.lm(), model.tokenizer(), config)) {
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
      assertThat(engine.stats().usedBlocks()).isZero();
      return new Run(events, engine.stats());
    }
  }

  /** Up to where a near tie was decided otherwise; that must not be at once for most. */
  private static void assertClose(Run run, List<List<TokenEvent>> alone, String how) {
    int compared = 0;
    for (int r = 0; r < alone.size(); r++) {
      List<TokenEvent> expected = alone.get(r);
      List<TokenEvent> actual = run.events.get(r);
      for (int i = 0; i < expected.size(); i++) {
        if (actual.get(i).token() != expected.get(i).token()) {
          break;
        }
        compared++;
        assertThat(logprob(actual.get(i)))
            .as("%s: request %d, token %d", how, r, i)
            .isCloseTo(logprob(expected.get(i)), within(TOLERANCE));
      }
    }
    assertThat(compared).as(how).isGreaterThan(alone.size() * ANSWER / 2);
  }

  private static float logprob(TokenEvent event) {
    return event.logprob().orElseThrow().value();
  }
}
