package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.kernels.KvType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guessed tokens, right and wrong: answers are those without guesses, in fewer steps. */
class SpeculationTest {
  private static final int CONTEXT = 256;
  private static final EngineConfig CONFIG =
      EngineConfig.DEFAULTS.withKvType(KvType.F32).withKvBytes(FakeLm.kvBytes(64));

  /** An engine to which all steps seem to take the same time, so that guesses always pay. */
  private static Engine start(EngineConfig config) {
    var now = new AtomicLong();
    return Engine.start(
        new FakeLm(CONTEXT, 512), new FakeTokenizer(), config, () -> now.addAndGet(1_000_000));
  }

  /** A request whose answer goes round: only one token is ever likely. */
  private static Request loop(int maxTokens) {
    return Request.of(new int[] {5, 6, 7, 7, 7, 7, 7}, maxTokens)
        .withSampling(SamplingParams.GREEDY.withLogitBias(Map.of(7, 90f)));
  }

  /** A request whose prompt repeats itself; the model's answer does not, so that guesses fail. */
  private static Request vain(int seed, int maxTokens) {
    int[] part = new SplittableRandom(seed).ints(5, 1, FakeLm.VOCAB).toArray();
    int[] prompt = IntStream.range(0, 43).map(i -> part[i % 5]).toArray();
    return Request.of(prompt, maxTokens).withIgnoreEndTokens(true);
  }

  @Test
  void guessesThatComeTrueSaveSteps() {
    try (Engine engine = start(CONFIG)) {
      Answer answer = Answers.readOne(engine.submit(loop(100)));
      assertThat(answer).isEqualTo(Answers.expected(loop(100), 0, CONTEXT));
      EngineStats stats = engine.stats();
      assertThat(stats.acceptedTokens()).isGreaterThan(50);
      assertThat(stats.steps()).isEqualTo(100 - stats.acceptedTokens());
      assertThat(stats.generationTokens()).isEqualTo(100);
      assertThat(stats.usedBlocks()).isZero();
    }
  }

  @Test
  void wrongGuessesChangeNothingAndAreGivenUp() {
    try (Engine engine = start(CONFIG)) {
      Request request = vain(3, 150);
      Answer answer = Answers.readOne(engine.submit(request));
      assertThat(answer).isEqualTo(Answers.expected(request, 0, CONTEXT));
      assertThat(engine.stats().acceptedTokens()).isLessThan(10);
      assertThat(engine.stats().draftTokens()).isLessThan(60);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 9, 10, 11, 200, 249})
  void anAnswerEndsWhereItWouldWithoutGuesses(int maxTokens) {
    try (Engine engine = start(CONFIG)) {
      Request request = loop(maxTokens);
      assertThat(Answers.readOne(engine.submit(request)))
          .isEqualTo(Answers.expected(request, 0, CONTEXT));
      Request stopped = request.withStop(List.of("g".repeat(17)));
      assertThat(Answers.readOne(engine.submit(stopped)))
          .isEqualTo(Answers.expected(stopped, 0, CONTEXT));
    }
  }

  @Test
  void drawnTokensAreThoseOfTheSeedWhateverWasGuessed() {
    try (Engine engine = start(CONFIG)) {
      for (int seed = 0; seed < 30; seed++) {
        var sampling =
            new SplittableRandom(seed).nextBoolean()
                ? SamplingParams.GREEDY.withTemperature(0.7f).withSeed(seed)
                : SamplingParams.GREEDY.withTemperature(1.5f).withSeed(seed);
        Request request =
            loop(60).withSampling(sampling.withLogitBias(Map.of(7, 6f))).withChoices(3);
        List<Answer> answers = Answers.read(engine.submit(request), 3);
        for (int c = 0; c < 3; c++) {
          assertThat(answers.get(c)).isEqualTo(Answers.expected(request, c, CONTEXT));
        }
      }
      assertThat(engine.stats().acceptedTokens()).isPositive();
      assertThat(engine.stats().draftTokens()).isGreaterThan(engine.stats().acceptedTokens());
    }
  }

  @Test
  void manyTogetherInASmallCacheGetTheirAnswers() {
    try (Engine engine = start(CONFIG.withKvBytes(FakeLm.kvBytes(20)).withMaxBatchTokens(32))) {
      List<Request> requests = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        requests.add(i % 2 == 0 ? loop(20 + i) : vain(i, 20 + i));
      }
      List<TokenStream> streams = requests.stream().map(engine::submit).toList();
      for (int i = 0; i < requests.size(); i++) {
        assertThat(Answers.readOne(streams.get(i)))
            .isEqualTo(Answers.expected(requests.get(i), 0, CONTEXT));
      }
      assertThat(engine.stats().preemptions()).isPositive();
      assertThat(engine.stats().usedBlocks()).isZero();
    }
  }

  @Test
  void nothingIsGuessedWhereItIsSwitchedOff() {
    try (Engine engine = start(CONFIG.withMaxDraftTokens(0))) {
      Answers.readOne(engine.submit(loop(50)));
      assertThat(engine.stats().draftTokens()).isZero();
      assertThat(engine.stats().steps()).isEqualTo(50);
    }
  }
}
