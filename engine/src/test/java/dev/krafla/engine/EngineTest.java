package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.kernels.KvType;
import dev.krafla.models.ModelInfo.Pooling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine against a model whose every answer is known. */
class EngineTest {
  private static final int CONTEXT = 256;
  private static final EngineConfig CONFIG =
      EngineConfig.DEFAULTS.withKvType(KvType.F32).withKvBytes(FakeLm.kvBytes(256));

  private static Engine start(EngineConfig config) {
    return start(config, new FakeLm(CONTEXT, 512));
  }

  private static Engine start(EngineConfig config, FakeLm lm) {
    return Engine.start(lm, new FakeTokenizer(), config);
  }

  private static int[] prompt(SplittableRandom random, int length) {
    return random.ints(length, 1, FakeLm.VOCAB).toArray();
  }

  @Test
  void aSingleRequestGetsTheModelsAnswer() {
    try (Engine engine = start(CONFIG)) {
      Request request = Request.of(new int[] {5, 6, 7}, 40);
      Answer answer = Answers.readOne(engine.submit(request));
      assertThat(answer).isEqualTo(Answers.expected(request, 0, CONTEXT));
      assertThat(engine.stats().usedBlocks()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "512, 64, 256", // everything fits
    "7, 64, 256", // every prompt is cut into pieces
    "1, 64, 256", // one token a step
    "64, 32, 17", // one full context and little more: most are preempted
    "16, 5, 40",
  })
  void manyRequestsTogetherGetTheSameAnswersAsAlone(int batchTokens, int sequences, int blocks) {
    var random = new SplittableRandom(batchTokens);
    EngineConfig config =
        CONFIG
            .withMaxBatchTokens(batchTokens)
            .withMaxSequences(sequences)
            .withKvBytes(FakeLm.kvBytes(blocks));
    try (Engine engine = start(config)) {
      List<Request> requests = new ArrayList<>();
      int[] common = prompt(random, 70);
      for (int i = 0; i < 100; i++) {
        requests.add(randomRequest(random, common));
      }
      List<TokenStream> streams = requests.stream().map(engine::submit).toList();
      for (int i = 0; i < requests.size(); i++) {
        Request request = requests.get(i);
        List<Answer> answers = Answers.read(streams.get(i), request.choices());
        for (int c = 0; c < request.choices(); c++) {
          assertThat(answers.get(c))
              .as("choice %d of request %d", c, i)
              .isEqualTo(Answers.expected(request, c, engine.maxSequenceTokens()));
        }
      }
      assertThat(engine.stats().usedBlocks()).isZero();
      assertThat(engine.stats().failed()).isZero();
    }
  }

  private static Request randomRequest(SplittableRandom random, int[] common) {
    int[] prompt = prompt(random, 1 + random.nextInt(120));
    int shared = Math.min(prompt.length, random.nextInt(common.length));
    System.arraycopy(common, 0, prompt, 0, shared);
    boolean greedy = random.nextInt(3) == 0;
    var sampling =
        new SamplingParams(
            greedy ? 0 : 0.5f + random.nextInt(3) * 0.5f,
            random.nextInt(2) * 20,
            random.nextBoolean() ? 1 : 0.8f,
            random.nextBoolean() ? 0 : 0.02f,
            random.nextInt(4) == 0 ? 0.9f : 1,
            random.nextInt(3) == 0 ? 1.2f : 1,
            random.nextInt(3) == 0 ? 0.5f : 0,
            random.nextInt(3) == 0 ? 0.3f : 0,
            random.nextInt(3) == 0 ? Map.of(3, 1.5f, 9, -4f) : Map.of(),
            OptionalLong.of(random.nextLong()));
    return Request.of(prompt, 1 + random.nextInt(150))
        .withSampling(sampling)
        .withChoices(random.nextInt(5) == 0 ? 1 + random.nextInt(4) : 1)
        .withStop(random.nextInt(3) == 0 ? List.of("ab", "xyz", "q[") : List.of())
        .withIgnoreEndTokens(random.nextInt(4) == 0);
  }

  @Test
  void aPromptThatFillsTheContextIsRefusedByName() {
    try (Engine engine = start(CONFIG)) {
      assertThatThrownBy(() -> engine.submit(Request.of(new int[CONTEXT], 5)))
          .isInstanceOf(RequestTooLarge.class)
          .hasMessageContaining("256");
      Request longest = Request.of(new int[CONTEXT - 1], 5);
      assertThat(Answers.readOne(engine.submit(longest)).tokens()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 31, 32, 40})
  void whatTwoPromptsHaveInCommonIsComputedOnceHoweverItLiesInBlocks(int common) {
    var lm = new FakeLm(200, 512);
    EngineConfig config = CONFIG.withKvBytes(FakeLm.kvBytes(40));
    try (Engine engine = Engine.unstarted(lm, new FakeTokenizer(), config)) {
      int[] first = prompt(new SplittableRandom(2), 48);
      int[] second = first.clone();
      second[common] = first[common] == 1 ? 2 : 1;
      for (int[] prompt : List.of(first, second)) {
        Request request = Request.of(prompt, 20).withIgnoreEndTokens(true);
        TokenStream stream = engine.submit(request);
        runDry(engine);
        assertThat(stream.usage().cachedTokens())
            .isEqualTo(Arrays.equals(prompt, first) ? 0 : common);
        assertThat(Answers.readOne(stream)).isEqualTo(Answers.expected(request, 0, 200));
      }
      assertThat(lm.rowsComputed).isEqualTo(48 + 19 + 48 - common + 19);
    }
  }

  @Test
  void usersWhoShareAPromptsBeginningComputeItOnceEvenWhenTheyComeTogether() {
    var lm = new FakeLm(1100, 512);
    EngineConfig config = CONFIG.withKvBytes(FakeLm.kvBytes(400));
    try (Engine engine = Engine.unstarted(lm, new FakeTokenizer(), config)) {
      var random = new SplittableRandom(1);
      int[] system = prompt(random, 1000);
      List<Request> requests = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        int[] prompt = Arrays.copyOf(system, 1010);
        System.arraycopy(prompt(random, 10), 0, prompt, 1000, 10);
        requests.add(Request.of(prompt, 1));
      }
      List<TokenStream> streams = requests.stream().map(engine::submit).toList();
      runDry(engine);
      // 62 full blocks and half of the next are shared: others compute what is their own.
      assertThat(lm.rowsComputed).isEqualTo(1010 + 15 * 10);
      assertThat(engine.stats().computedTokens()).isEqualTo(lm.rowsComputed);
      assertThat(engine.stats().prefixHitTokens()).isEqualTo(15 * 1000);
      assertThat(engine.stats().prefixQueryTokens()).isEqualTo(16 * 1010);
      assertThat(streams.get(0).usage().cachedTokens()).isZero();
      for (int i = 1; i < 16; i++) {
        assertThat(streams.get(i).usage().cachedTokens()).isEqualTo(1000);
        assertThat(Answers.readOne(streams.get(i)))
            .isEqualTo(Answers.expected(requests.get(i), 0, 1100));
      }
    }
  }

  @Test
  void tenantsDoNotShareWhatTheyHaveComputed() {
    try (Engine engine = Engine.unstarted(new FakeLm(CONTEXT, 512), new FakeTokenizer(), CONFIG)) {
      Request request = Request.of(prompt(new SplittableRandom(1), 100), 1);
      engine.submit(request.withCacheSalt("a"));
      runDry(engine);
      engine.submit(request.withCacheSalt("b"));
      runDry(engine);
      assertThat(engine.stats().prefixHitTokens()).isZero();
      engine.submit(request.withCacheSalt("a"));
      runDry(engine);
      assertThat(engine.stats().prefixHitTokens()).isEqualTo(96);
    }
  }

  @Test
  void severalAnswersComputeTheirPromptOnce() {
    var lm = new FakeLm(CONTEXT, 512);
    EngineConfig config = CONFIG.withMaxDraftTokens(0); // guesses are rows, too
    try (Engine engine = Engine.unstarted(lm, new FakeTokenizer(), config)) {
      Request request =
          Request.of(prompt(new SplittableRandom(1), 100), 5)
              .withSampling(SamplingParams.temperature(2).withSeed(7))
              .withIgnoreEndTokens(true)
              .withChoices(8);
      TokenStream stream = engine.submit(request);
      runDry(engine);
      assertThat(lm.rowsComputed).isEqualTo(100 + 8 * 4);
      List<Answer> answers = Answers.read(stream, 8);
      for (int c = 0; c < 8; c++) {
        assertThat(answers.get(c)).isEqualTo(Answers.expected(request, c, CONTEXT));
      }
      assertThat(answers.stream().distinct().count()).isGreaterThan(1);
      assertThat(stream.usage().outputTokens()).isEqualTo(40);
    }
  }

  @Test
  void oneRequestTooManyIsRefusedUntilAPlaceIsFree() {
    EngineConfig config = CONFIG.withMaxQueued(2);
    try (Engine engine = Engine.unstarted(new FakeLm(CONTEXT, 512), new FakeTokenizer(), config)) {
      Request request = Request.of(new int[] {1}, 1);
      engine.submit(request);
      TokenStream second = engine.submit(request);
      assertThatThrownBy(() -> engine.submit(request))
          .isInstanceOfSatisfying(QueueFull.class, e -> assertThat(e.retryAfter()).isPositive())
          .hasMessageContaining("2 requests wait");
      second.close();
      engine.step();
      engine.submit(request);
      engine.step();
      assertThat(engine.stats().rejected()).isEqualTo(1);
      assertThat(engine.stats().aborted()).isEqualTo(1);
    }
  }

  @Test
  void aClosedStreamFreesItsBlocksWithinOneStep() {
    try (Engine engine = Engine.unstarted(new FakeLm(CONTEXT, 512), new FakeTokenizer(), CONFIG)) {
      TokenStream stream =
          engine.submit(Request.of(new int[50], 100).withIgnoreEndTokens(true).withChoices(3));
      engine.step();
      engine.step();
      assertThat(engine.stats().usedBlocks()).isPositive();
      stream.close();
      stream.close();
      engine.step();
      assertThat(engine.stats().usedBlocks()).isZero();
      assertThat(engine.stats().running()).isZero();
      assertThat(engine.stats().aborted()).isEqualTo(1);
      assertThat(stream.iterator().hasNext()).isFalse();
    }
  }

  @Test
  void aFailingModelFailsTheRequestsOfThatStepAndTheEngineGoesOn() {
    var lm = new FakeLm(CONTEXT, 512);
    try (Engine engine = start(CONFIG, lm)) {
      lm.failNext = true;
      Request request = Request.of(new int[] {1, 2, 3}, 10);
      TokenStream stream = engine.submit(request);
      assertThatThrownBy(() -> stream.iterator().hasNext())
          .isInstanceOf(GenerationFailed.class)
          .hasMessageContaining("told to fail");
      assertThat(Answers.readOne(engine.submit(request)))
          .isEqualTo(Answers.expected(request, 0, CONTEXT));
      assertThat(engine.stats().failed()).isEqualTo(1);
      assertThat(engine.stats().usedBlocks()).isZero();
    }
  }

  @Test
  void whoDoesNotReadStallsNobody() {
    try (Engine engine = start(CONFIG)) {
      Request request = Request.of(new int[] {1, 2}, 200).withIgnoreEndTokens(true);
      TokenStream unread = engine.submit(request);
      Request other = Request.of(new int[] {3, 4}, 200).withIgnoreEndTokens(true);
      assertThat(Answers.readOne(engine.submit(other)))
          .isEqualTo(Answers.expected(other, 0, CONTEXT));
      assertThat(Answers.readOne(unread)).isEqualTo(Answers.expected(request, 0, CONTEXT));
    }
  }

  @Test
  void drainingRefusesNewRequestsAndLetsRunningOnesEnd() {
    try (Engine engine = start(CONFIG)) {
      Request request = Request.of(new int[] {1, 2}, 200).withIgnoreEndTokens(true);
      TokenStream stream = engine.submit(request);
      assertThat(engine.drain(Duration.ofMinutes(1))).isTrue();
      assertThatThrownBy(() -> engine.submit(request)).isInstanceOf(EngineClosed.class);
      assertThat(Answers.readOne(stream)).isEqualTo(Answers.expected(request, 0, CONTEXT));
    }
  }

  @Test
  void closingEndsWhatRunsAsAborted() {
    Engine engine = Engine.unstarted(new FakeLm(CONTEXT, 512), new FakeTokenizer(), CONFIG);
    TokenStream stream = engine.submit(Request.of(new int[] {1, 2}, 50).withIgnoreEndTokens(true));
    TokenStream waiting = engine.submit(Request.of(new int[] {1, 2}, 50));
    engine.step();
    assertThat(engine.drain(Duration.ZERO)).isFalse();
    engine.close();
    engine.close();
    for (TokenStream s : List.of(stream, waiting)) {
      assertThat(Answers.readOne(s).finish()).contains(FinishReason.ABORTED);
    }
    assertThat(engine.stats().usedBlocks()).isZero();
    assertThatThrownBy(() -> engine.submit(Request.of(new int[] {1}, 1)))
        .isInstanceOf(EngineClosed.class);
  }

  @Test
  void logprobsComeWithEveryTokenThatAskedForThem() {
    try (Engine engine = start(CONFIG);
        TokenStream stream = engine.submit(Request.of(new int[] {9, 8}, 5).withTopLogprobs(3))) {
      for (TokenEvent event : stream) {
        TokenEvent.Logprob logprob = event.logprob().orElseThrow();
        assertThat(logprob.top()).hasSize(3);
        assertThat(logprob.top().getFirst().token()).isEqualTo(event.token()); // greedy
        assertThat(logprob.value()).isEqualTo(logprob.top().getFirst().logprob());
      }
    }
  }

  @Test
  void tokensAndBiasesOutsideTheVocabularyAreRefusedByName() {
    try (Engine engine = start(CONFIG)) {
      assertThatThrownBy(() -> engine.submit(Request.of(new int[] {1, FakeLm.VOCAB}, 5)))
          .isInstanceOfSatisfying(
              InvalidRequest.class, e -> assertThat(e.parameter()).isEqualTo("prompt"))
          .hasMessageContaining("place 1");
      Request biased =
          Request.of(new int[] {1}, 5)
              .withSampling(SamplingParams.GREEDY.withLogitBias(Map.of(-1, 1f)));
      assertThatThrownBy(() -> engine.submit(biased))
          .isInstanceOfSatisfying(
              InvalidRequest.class, e -> assertThat(e.parameter()).isEqualTo("logit_bias"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"MEAN", "CLS", "LAST"})
  void embeddingsAreTheSameAloneAndBesideAnswersThatFillTheCache(Pooling pooling)
      throws InterruptedException, ExecutionException {
    List<float[]> alone = new ArrayList<>();
    var random = new SplittableRandom(4);
    List<int[]> texts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      texts.add(prompt(random, 1 + random.nextInt(200)));
    }
    try (Engine engine = start(CONFIG, new FakeLm(CONTEXT, 512, pooling))) {
      texts.forEach(text -> alone.add(engine.embed(text)));
    }
    EngineConfig small = CONFIG.withKvBytes(FakeLm.kvBytes(20)).withMaxBatchTokens(50);
    try (Engine engine = start(small, new FakeLm(CONTEXT, 50, pooling));
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<TokenStream> streams = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        streams.add(engine.submit(Request.of(prompt(random, 60), 100).withIgnoreEndTokens(true)));
      }
      List<Future<float[]>> together = new ArrayList<>();
      texts.forEach(text -> together.add(executor.submit(() -> engine.embed(text))));
      for (int i = 0; i < texts.size(); i++) {
        assertThat(together.get(i).get()).isEqualTo(alone.get(i));
      }
      streams.forEach(stream -> Answers.read(stream, 1));
      assertThat(engine.drain(Duration.ofMinutes(1))).isTrue();
      assertThat(engine.stats().usedBlocks()).isZero();
    }
  }

  @Test
  void anAnswerWaitsForBlocksThatOnlyAnEmbeddingHolds() throws Exception {
    var random = new SplittableRandom(8);
    EngineConfig small = CONFIG.withKvBytes(FakeLm.kvBytes(14)).withMaxBatchTokens(50);
    try (Engine engine =
            Engine.unstarted(new FakeLm(CONTEXT, 50, Pooling.MEAN), new FakeTokenizer(), small);
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<float[]> embedding = executor.submit(() -> engine.embed(prompt(random, 200)));
      while (!engine.step()) {
        Thread.onSpinWait(); // until the text has arrived; its first of four pieces is computed
      }
      assertThat(engine.stats().usedBlocks()).isEqualTo(13);
      TokenStream stream = engine.submit(Request.of(prompt(random, 60), 5));
      while (engine.step()) {
        assertThat(engine.stats().failed()).isZero();
      }
      assertThat(embedding.get()).isNotEmpty();
      Answers.read(stream, 1);
      assertThat(engine.stats().finished()).isEqualTo(1);
    }
  }

  @Test
  void aModelThatWasNotMadeForEmbeddingsSaysSo() {
    try (Engine engine = start(CONFIG)) {
      assertThatThrownBy(() -> engine.embed(new int[] {1}))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("not made for embeddings");
    }
  }

  private static void runDry(Engine engine) {
    while (engine.step()) {
      // until nothing is left to do
    }
  }
}
