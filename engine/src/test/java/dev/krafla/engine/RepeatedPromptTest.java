package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.kernels.KvType;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompts that are asked again: their first tokens need no forward pass. */
class RepeatedPromptTest {
  private static final int CONTEXT = 256;
  private static final EngineConfig CONFIG =
      EngineConfig.DEFAULTS.withKvType(KvType.F32).withKvBytes(FakeLm.kvBytes(64));
  private static final long ROW_BYTES = FakeLm.VOCAB * (long) Float.BYTES;

  private final FakeLm lm = new FakeLm(CONTEXT, 512);

  private Engine start(EngineConfig config) {
    return Engine.start(lm, new FakeTokenizer(), config);
  }

  private static int[] prompt(int seed, int length) {
    return new SplittableRandom(seed).ints(length, 1, FakeLm.VOCAB).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 47, 48, 100})
  void theFirstTokenOfARepeatedPromptIsDrawnWithoutComputing(int length) {
    try (Engine engine = start(CONFIG)) {
      Request request = Request.of(prompt(length, length), 1).withIgnoreEndTokens(true);
      Answer first = Answers.readOne(engine.submit(request));
      long computed = engine.stats().computedTokens();

      Answer second = Answers.readOne(engine.submit(request));

      assertThat(second).isEqualTo(first);
      assertThat(engine.stats().computedTokens()).isEqualTo(computed);
      assertThat(engine.stats().repeatedPrompts()).isOne();
      assertThat(engine.stats().usedBlocks()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 47, 48, 100})
  void theRestOfTheAnswerIsTheModels(int length) {
    try (Engine engine = start(CONFIG)) {
      Request request = Request.of(prompt(length, length), 30).withChoices(3);
      List<Answer> first = Answers.read(engine.submit(request), 3);
      List<Answer> second = Answers.read(engine.submit(request), 3);
      for (int c = 0; c < 3; c++) {
        assertThat(second.get(c)).isEqualTo(first.get(c));
        assertThat(second.get(c)).isEqualTo(Answers.expected(request, c, CONTEXT));
      }
      assertThat(engine.stats().repeatedPrompts()).isOne();
    }
  }

  @Test
  void aPromptThatDiffersInItsLastTokenOrItsTenantIsNoRepeat() {
    try (Engine engine = start(CONFIG)) {
      int[] tokens = prompt(1, 40);
      Request request = Request.of(tokens, 5);
      Answers.readOne(engine.submit(request));
      int[] other = tokens.clone();
      other[39] = other[39] == 1 ? 2 : 1;
      for (Request different :
          List.of(
              Request.of(other, 5),
              Request.of(Arrays.copyOf(tokens, 39), 5),
              request.withCacheSalt("somebody else"))) {
        assertThat(Answers.readOne(engine.submit(different)))
            .isEqualTo(Answers.expected(different, 0, CONTEXT));
      }
      assertThat(engine.stats().repeatedPrompts()).isZero();
    }
  }

  @Test
  void theLeastRecentlyUsedPromptGivesWay() {
    try (Engine engine = start(CONFIG.withPromptLogitsBytes(2 * ROW_BYTES))) {
      Request a = Request.of(prompt(1, 20), 3);
      Request b = Request.of(prompt(2, 20), 3);
      Request c = Request.of(prompt(3, 20), 3);
      for (Request request : List.of(a, b, a, c, a, b)) { // repeats: a (twice); b gave way to c
        assertThat(Answers.readOne(engine.submit(request)))
            .isEqualTo(Answers.expected(request, 0, CONTEXT));
      }
      assertThat(engine.stats().repeatedPrompts()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsKeptWhereThereIsNoMemoryForItOrNoCaching(boolean prefixCaching) {
    EngineConfig config =
        prefixCaching ? CONFIG.withPromptLogitsBytes(0) : CONFIG.withPrefixCaching(false);
    try (Engine engine = start(config)) {
      Request request = Request.of(prompt(1, 20), 3);
      assertThat(Answers.readOne(engine.submit(request)))
          .isEqualTo(Answers.readOne(engine.submit(request)));
      assertThat(engine.stats().repeatedPrompts()).isZero();
    }
  }
}
