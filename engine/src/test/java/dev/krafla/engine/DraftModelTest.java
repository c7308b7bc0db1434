package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import dev.krafla.models.CausalLm;
import dev.krafla.models.LoadOptions;
import dev.krafla.models.ModelLoader;
import dev.krafla.models.Tokenizer;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A draft model, good, bad, slow and broken: answers are those without it. */
class DraftModelTest {
  private static final int CONTEXT = 256;
  private static final long MILLI = 1_000_000;
  private static final EngineConfig CONFIG =
      EngineConfig.DEFAULTS.withKvType(KvType.F32).withKvBytes(FakeLm.kvBytes(200));

  private final AtomicLong now = new AtomicLong(1);
  private final PacedLm target = new PacedLm(new FakeLm(CONTEXT, 512), now, 10 * MILLI, 1000, 0);

  private PacedLm draft(int oneWrongIn, long passNanos) {
    return new PacedLm(new FakeLm(CONTEXT, 512), now, passNanos, 1000, oneWrongIn);
  }

  private Engine engine(EngineConfig config, CausalLm draft) {
    return Engine.unstarted(
        target,
        new FakeTokenizer(),
        config.withDraftModel(new DraftModel(draft, new FakeTokenizer())),
        now::get);
  }

  private static Request request(long seed, int promptTokens, int maxTokens) {
    int[] prompt = new SplittableRandom(seed).ints(promptTokens, 1, FakeLm.VOCAB).toArray();
    return Request.of(prompt, maxTokens).withIgnoreEndTokens(true);
  }

  private static void runDry(Engine engine) {
    while (engine.step()) {
      // until nothing is left to do
    }
  }

  @Test
  void aDraftModelThatIsRightSavesMostSteps() {
    try (Engine engine = engine(CONFIG, draft(0, MILLI / 10))) {
      Request request = request(1, 20, 120);
      TokenStream stream = engine.submit(request);
      runDry(engine);
      assertThat(Answers.readOne(stream)).isEqualTo(Answers.expected(request, 0, CONTEXT));
      assertThat(engine.stats().modelAcceptedTokens()).isGreaterThan(90);
      assertThat(engine.stats().steps()).isLessThan(30);
      assertThat(stream.usage().work().acceptedTokens()).isGreaterThan(90);
    }
  }

  @Test
  void oneThatIsOftenWrongIsAskedForLessAndChangesNothing() {
    try (Engine engine = engine(CONFIG, draft(3, MILLI / 10))) {
      Request request = request(2, 20, 200);
      TokenStream stream = engine.submit(request);
      runDry(engine);
      assertThat(Answers.readOne(stream)).isEqualTo(Answers.expected(request, 0, CONTEXT));
      EngineStats stats = engine.stats();
      assertThat(stats.modelAcceptedTokens()).isPositive();
      assertThat(stats.modelDraftTokens()).isGreaterThan(stats.modelAcceptedTokens());
      assertThat(stats.steps()).isLessThan(150);
    }
  }

  @Test
  void oneThatIsAlwaysWrongIsGivenUp() {
    PacedLm draft = draft(1, MILLI / 10);
    try (Engine engine = engine(CONFIG, draft)) {
      Request request = request(3, 20, 200);
      TokenStream stream = engine.submit(request);
      runDry(engine);
      assertThat(Answers.readOne(stream)).isEqualTo(Answers.expected(request, 0, CONTEXT));
      assertThat(now.get()).isLessThan(200 * 10 * MILLI * 103 / 100); // trying costs 3 % at most
    }
  }

  @Test
  void oneThatIsAsSlowAsTheModelIsNeverAsked() {
    try (Engine engine = engine(CONFIG, draft(0, 10 * MILLI))) {
      TokenStream stream = engine.submit(request(4, 20, 60));
      runDry(engine);
      assertThat(Answers.readOne(stream).tokens()).hasSize(60);
      assertThat(engine.stats().modelDraftTokens()).isZero();
    }
  }

  @Test
  void aFullHouseIsNotGuessedFor() {
    try (Engine engine = engine(CONFIG.withMaxSequences(2), draft(0, MILLI / 10))) {
      List<TokenStream> streams = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        streams.add(engine.submit(request(i, 10, 40)));
      }
      runDry(engine);
      streams.forEach(stream -> assertThat(Answers.readOne(stream).tokens()).hasSize(40));
      assertThat(engine.stats().modelDraftTokens()).isLessThan(10); // once the first has ended
    }
  }

  @Test
  void aLongPromptIsReadInPiecesSoThatNoStepTakesMuchLonger() {
    PacedLm draft = new PacedLm(new FakeLm(CONTEXT, 512), now, MILLI / 10, MILLI / 10, 0);
    try (Engine engine = engine(CONFIG, draft)) {
      TokenStream stream = engine.submit(request(5, 220, 30));
      engine.step(); // the prompt
      long longest = 0;
      while (stream.usage().outputTokens() < 30) {
        long before = now.get();
        engine.step();
        longest = Math.max(longest, now.get() - before);
      }
      assertThat(engine.stats().modelAcceptedTokens()).isPositive();
      assertThat(longest).isLessThan(20 * MILLI); // 22 ms for the whole prompt alone
    }
  }

  @Test
  void oneThatFailsIsDoneWithout() {
    PacedLm draft = draft(0, MILLI / 10);
    try (Engine engine = engine(CONFIG, draft)) {
      Request request = request(6, 20, 100);
      TokenStream stream = engine.submit(request);
      for (int i = 0; i < 6; i++) {
        engine.step();
      }
      assertThat(engine.stats().modelDraftTokens()).isPositive();
      draft.failFromNowOn();
      runDry(engine);
      assertThat(Answers.readOne(stream)).isEqualTo(Answers.expected(request, 0, CONTEXT));
      assertThat(engine.stats().failed()).isZero();
    }
  }

  @Test
  void randomRequestsGetTheirAnswersWhereBothCachesAreTight() {
    for (long seed = 0; seed < 20; seed++) {
      var random = new SplittableRandom(seed);
      EngineConfig config =
          CONFIG
              .withKvBytes(FakeLm.kvBytes(20 + random.nextInt(60)))
              .withMaxBatchTokens(8 + random.nextInt(100))
              .withMaxSequences(4 + random.nextInt(20));
      try (Engine engine = engine(config, draft(4 + random.nextInt(8), MILLI / 20))) {
        List<Request> requests = new ArrayList<>();
        List<TokenStream> streams = new ArrayList<>();
        Set<Integer> closed = new HashSet<>();
        for (int i = 0; i < 25; i++) {
          requests.add(randomRequest(random));
          streams.add(engine.submit(requests.getLast()));
          engine.step();
          if (random.nextInt(8) == 0) {
            int left = random.nextInt(streams.size());
            streams.get(left).close();
            closed.add(left);
          }
        }
        runDry(engine);
        for (int i = 0; i < requests.size(); i++) {
          if (!closed.contains(i)) {
            check(
                requests.get(i), streams.get(i), engine, "seed %d, request %d".formatted(seed, i));
          }
        }
        assertThat(engine.stats().usedBlocks()).isZero();
      }
    }
  }

  private static Request randomRequest(SplittableRandom random) {
    SamplingParams sampling =
        random.nextBoolean()
            ? SamplingParams.GREEDY
            : SamplingParams.temperature(0.3f)
                .withTopK(random.nextInt(2) * 5)
                .withTopP(random.nextBoolean() ? 1 : 0.9f)
                .withLogitBias(random.nextBoolean() ? Map.of() : Map.of(7, 2f))
                .withSeed(random.nextLong());
    return request(random.nextInt(5), 1 + random.nextInt(60), 1 + random.nextInt(80))
        .withSampling(sampling)
        .withChoices(random.nextInt(5) == 0 ? 3 : 1)
        .withIgnoreEndTokens(random.nextBoolean());
  }

  private static void check(Request request, TokenStream stream, Engine engine, String name) {
    List<Answer> answers = Answers.read(stream, request.choices());
    for (int c = 0; c < answers.size(); c++) {
      assertThat(answers.get(c))
          .as(name)
          .isEqualTo(Answers.expected(request, c, engine.maxSequenceTokens()));
    }
  }

  /** Without a seed the rule of acceptance draws: tokens have the chances that the model gives. */
  @Test
  void drawnTokensHaveTheModelsChances() {
    int runs = 800;
    Request request = request(9, 12, 6).withSampling(SamplingParams.temperature(1.5f));
    double[] with = new double[FakeLm.VOCAB];
    double[] without = new double[FakeLm.VOCAB];
    EngineConfig config = CONFIG.withMaxSequences(64);
    try (Engine engine = engine(config, draft(2, MILLI / 20))) {
      for (int i = 0; i < runs; i++) {
        TokenStream stream = engine.submit(request);
        runDry(engine);
        with[Answers.readOne(stream).tokens().getLast()]++;
      }
      assertThat(engine.stats().modelAcceptedTokens()).isGreaterThan(runs / 2);
      assertThat(engine.stats().modelDraftTokens())
          .isGreaterThan(engine.stats().modelAcceptedTokens());
    }
    try (Engine engine =
        Engine.unstarted(target, new FakeTokenizer(), config.withMaxDraftTokens(0), now::get)) {
      for (int i = 0; i < runs; i++) {
        TokenStream stream = engine.submit(request);
        runDry(engine);
        without[Answers.readOne(stream).tokens().getLast()]++;
      }
    }
    double chiSquare = 0;
    for (int t = 0; t < FakeLm.VOCAB; t++) {
      double sum = with[t] + without[t];
      chiSquare += sum == 0 ? 0 : (with[t] - without[t]) * (with[t] - without[t]) / sum;
    }
    assertThat(chiSquare).isLessThan(190); // 100 degrees of freedom: exceeded once in 10⁷ runs
  }

  @Test
  void modelsWithOtherTokensAreRefusedByName() {
    Tokenizer other = otherThan(new FakeTokenizer(), 42);
    EngineConfig config = CONFIG.withDraftModel(new DraftModel(draft(0, 1), other));
    assertThatThrownBy(() -> Engine.unstarted(target, new FakeTokenizer(), config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token 42")
        .hasMessageContaining("same tokenizer");
  }

  /** {@code tokenizer}, but that one token means something else. */
  private static Tokenizer otherThan(Tokenizer tokenizer, int token) {
    return (Tokenizer)
        Proxy.newProxyInstance(
            Tokenizer.class.getClassLoader(),
            new Class<?>[] {Tokenizer.class},
            (self, method, args) ->
                method.getName().equals("tokenBytes") && (int) args[0] == token
                    ? "??".getBytes(StandardCharsets.UTF_8)
                    : method.invoke(tokenizer, args));
  }

  /** Real networks with random weights guess for themselves. */
  @ParameterizedTest
  @ValueSource(strings = {"llama", "gemma3"})
  void onTheScalarTierGreedyAnswersAreTheSameBitsWithAndWithout(String name) {
    Path models = Path.of("..", "models", "src", "test", "resources", "golden", "models");
    LoadOptions options = LoadOptions.defaults().withMaxContext(128).withMaxBatchRows(64);
    try (Kernels kernels = KernelTiers.open("scalar", 1);
        CausalLm lm = ModelLoader.loadLm(models.resolve(name), kernels, options);
        CausalLm draft = ModelLoader.loadLm(models.resolve(name), kernels, options)) {
      EngineConfig config =
          EngineConfig.DEFAULTS
              .withKvType(KvType.F32)
              .withScheduling(TinyModelsTest.UNHURRIED)
              .withKvBytes(512 * KvCache.blockBytes(lm.kvShape(), KvType.F32));
      List<List<TokenEvent>> without = answers(lm, config.withMaxDraftTokens(0), 0);
      for (int oneWrongIn : new int[] {0, 5}) {
        var guesser = new PacedLm(draft, now, 1000, 10, oneWrongIn);
        EngineConfig with = config.withDraftModel(new DraftModel(guesser, new FakeTokenizer()));
        assertThat(answers(lm, with, 1)).isEqualTo(without);
      }
    }
  }

  private List<List<TokenEvent>> answers(CausalLm lm, EngineConfig config, int leastAccepted) {
    var paced = new PacedLm(lm, now, MILLI, 10, 0);
    try (Engine engine = Engine.unstarted(paced, new FakeTokenizer(), config, now::get)) {
      List<TokenStream> streams = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        int[] prompt = new SplittableRandom(i).ints(5 + 6 * i, 1, lm.info().vocabSize()).toArray();
        Request request = Request.of(prompt, 30).withTopLogprobs(2).withIgnoreEndTokens(true);
        streams.add(engine.submit(request));
      }
      runDry(engine);
      List<List<TokenEvent>> all = new ArrayList<>();
      for (TokenStream stream : streams) {
        List<TokenEvent> events = new ArrayList<>();
        stream.forEach(events::add);
        all.add(events);
      }
      assertThat(engine.stats().modelAcceptedTokens()).isGreaterThanOrEqualTo(leastAccepted);
      return all;
    }
  }
}
