package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.kernels.KvType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The engine against a model whose every answer is known. */
class EngineTest {
  private static final int CONTEXT = 256;
  private static final EngineConfig CONFIG =
      EngineConfig.DEFAULTS.withKvType(KvType.F32).withKvBytes(FakeLm.kvBytes(256));

  private static Engine start(EngineConfig config) {
    return Engine.start(new FakeLm(CONTEXT, 512), new FakeTokenizer(), config);
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
}
