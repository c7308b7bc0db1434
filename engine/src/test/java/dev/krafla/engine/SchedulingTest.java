package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.kernels.KvType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is computed when, on an engine turned by hand. */
class SchedulingTest {
  private static final int CONTEXT = 1024;
  private static final int STEP = 64;
  private static final RequestTerms INTERACTIVE =
      RequestTerms.DEFAULTS.withServiceClass(ServiceClass.INTERACTIVE);
  private static final RequestTerms NORMAL = RequestTerms.DEFAULTS;
  private static final RequestTerms BATCH =
      RequestTerms.DEFAULTS.withServiceClass(ServiceClass.BATCH);

  private static final EngineConfig CONFIG =
      EngineConfig.DEFAULTS
          .withKvType(KvType.F32)
          .withKvBytes(FakeLm.kvBytes(1000))
          .withMaxBatchTokens(STEP)
          .withMaxDraftTokens(0)
          .withScheduling(SchedulingPolicy.DEFAULTS.withQuantumTokens(STEP));

  /** Due before those that say nothing. */
  private static final Duration FIRST = Duration.ofSeconds(1);

  private final FakeLm lm = new FakeLm(CONTEXT, STEP);
  private final SplittableRandom random = new SplittableRandom(1);
  private final List<Engine> engines = new ArrayList<>();

  @AfterEach
  void close() {
    engines.forEach(Engine::close);
  }

  private Engine engine(EngineConfig config) {
    Engine engine = Engine.unstarted(lm, new FakeTokenizer(), config);
    engines.add(engine);
    return engine;
  }

  private Request request(int promptTokens, int maxTokens, RequestTerms terms) {
    return Request.of(random.ints(promptTokens, 1, FakeLm.VOCAB).toArray(), maxTokens)
        .withIgnoreEndTokens(true)
        .withTerms(terms);
  }

  private static int drawn(TokenStream stream) {
    return stream.usage().outputTokens();
  }

  private static void turn(Engine engine, int steps) {
    for (int i = 0; i < steps; i++) {
      engine.step();
    }
  }

  /** Steps until {@code stream} has a token; fails where it takes more than {@code most}. */
  private static int stepsToFirstToken(Engine engine, TokenStream stream, int most) {
    int steps = 0;
    while (drawn(stream) == 0) {
      assertThat(++steps).isLessThanOrEqualTo(most);
      engine.step();
    }
    return steps;
  }

  @Test
  void runningAnswersGetATokenInEveryStepWhateverLongPromptComes() {
    Engine engine = engine(CONFIG);
    List<TokenStream> answers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      answers.add(engine.submit(request(5, 200, BATCH)));
    }
    turn(engine, 2);
    TokenStream prompt = engine.submit(request(900, 1, INTERACTIVE));
    while (drawn(prompt) == 0) {
      int before = answers.stream().mapToInt(SchedulingTest::drawn).sum();
      engine.step();
      assertThat(answers.stream().mapToInt(SchedulingTest::drawn).sum()).isEqualTo(before + 8);
    }
  }

  @Test
  void aShortPromptGoesBeforeLongOnesThatCameEarlier() {
    Engine engine = engine(CONFIG);
    for (int i = 0; i < 5; i++) {
      engine.submit(request(900, 1, NORMAL));
    }
    turn(engine, 2);
    TokenStream chat = engine.submit(request(30, 1, NORMAL));

    assertThat(stepsToFirstToken(engine, chat, 1)).isEqualTo(1);
  }

  @Test
  void inOrderOfArrivalItWaitsForAllOfThem() {
    Engine engine = engine(CONFIG.withScheduling(CONFIG.scheduling().withStretch(0)));
    for (int i = 0; i < 5; i++) {
      engine.submit(request(900, 1, NORMAL));
    }
    turn(engine, 2);
    TokenStream chat = engine.submit(request(30, 1, NORMAL));

    assertThat(stepsToFirstToken(engine, chat, 80)).isGreaterThan(50);
  }

  /** In virtual time: a flood of short prompts that is more than can be computed. */
  @Test
  void aLongPromptIsOvertakenForAMultipleOfItsOwnTimeAndNoLonger() {
    long token = 1_000_000;
    int own = 900;
    var now = new AtomicLong();
    var paced = new PacedLm(lm, now, 0, token, 0);
    EngineConfig config = CONFIG.withMaxQueued(100_000).withPrefixCaching(false);
    try (Engine engine = Engine.unstarted(paced, new FakeTokenizer(), config, now::get)) {
      engine.submit(request(STEP, 1, NORMAL)); // what a token takes is known then
      engine.step();
      long from = now.get();
      TokenStream longOne = engine.submit(request(own, 1, NORMAL));
      List<TokenStream> shorts = new ArrayList<>();
      while (drawn(longOne) == 0) {
        for (int i = 0; i < 3; i++) { // a step of 64 has room for two
          shorts.add(engine.submit(request(30, 1, NORMAL)));
        }
        engine.step();
      }
      double waited = (double) (now.get() - from) / token;
      double stretch = config.scheduling().stretch();
      // When it is due, those that are due before it and itself are left: at 90 to 64 tokens of
      // those that came, and two steps for rounding.
      assertThat(waited).isLessThan((stretch * own) * 90 / 64 + own + 2 * STEP);
      assertThat(waited).isGreaterThan(2 * own);
      assertThat(shorts.getFirst().usage().firstToken().toNanos()).isLessThan(2 * STEP * token);
    }
  }

  @Test
  void aHigherClassOvertakesAPromptThatIsUnderWay() {
    Engine engine = engine(CONFIG);
    TokenStream batch = engine.submit(request(900, 1, BATCH));
    turn(engine, 1);
    TokenStream interactive = engine.submit(request(STEP, 1, INTERACTIVE));

    assertThat(stepsToFirstToken(engine, interactive, 1)).isEqualTo(1);
    assertThat(drawn(batch)).isZero();
  }

  @Test
  void aHigherClassDoesNotWaitForALowerOneThatComputesTheSameBeginning() {
    Engine engine = engine(CONFIG);
    Request batch = request(900, 1, BATCH);
    engine.submit(batch);
    turn(engine, 1);
    for (int i = 0; i < 30; i++) { // so that batch does not get on
      engine.submit(request(STEP, 1, INTERACTIVE));
    }
    TokenStream same = engine.submit(batch.withTerms(INTERACTIVE.withFirstToken(FIRST)));

    stepsToFirstToken(engine, same, 15); // its 900 tokens, 64 of which are there
  }

  @Test
  void tenantsShareAStepsLeftoverEvenly() {
    Engine engine = engine(CONFIG);
    for (int i = 0; i < 12; i++) {
      engine.submit(request(900, 1, NORMAL.withTenant("many")));
    }
    turn(engine, 1);
    TokenStream few = engine.submit(request(STEP * 3, 1, NORMAL.withTenant("few")));

    // Every second step is its own, for 12 requests are no more than one tenant's.
    assertThat(stepsToFirstToken(engine, few, 7)).isGreaterThan(3);
  }

  @Test
  void anInteractiveRequestTakesThePlaceOfTheYoungestOfTheLowestClass() {
    Engine engine = engine(CONFIG.withMaxSequences(4));
    TokenStream normal = engine.submit(request(5, 200, NORMAL));
    TokenStream oldBatch = engine.submit(request(5, 200, BATCH));
    TokenStream otherBatch = engine.submit(request(5, 200, BATCH));
    TokenStream youngBatch = engine.submit(request(5, 200, BATCH));
    turn(engine, 3);
    TokenStream interactive = engine.submit(request(5, 10, INTERACTIVE));
    stepsToFirstToken(engine, interactive, 2);
    turn(engine, 20);

    assertThat(youngBatch.usage().preemptions()).isEqualTo(1);
    for (TokenStream other : List.of(normal, oldBatch, otherBatch)) {
      assertThat(other.usage().preemptions()).isZero();
    }
  }

  @Test
  void equalsDoNotTakeEachOthersPlace() {
    Engine engine = engine(CONFIG.withMaxSequences(2));
    engine.submit(request(5, 50, INTERACTIVE));
    engine.submit(request(5, 50, INTERACTIVE));
    TokenStream third = engine.submit(request(5, 50, INTERACTIVE));
    turn(engine, 20);

    assertThat(drawn(third)).isZero();
    assertThat(engine.stats().preemptions()).isZero();
  }

  @Test
  void whenBlocksRunOutTheLowestClassLosesItsOwnFirst() {
    Engine engine = engine(CONFIG.withKvBytes(FakeLm.kvBytes(12)));
    TokenStream batch = engine.submit(request(30, 120, BATCH)); // oldest, yet lowest
    TokenStream interactive = engine.submit(request(30, 60, INTERACTIVE));
    TokenStream normal = engine.submit(request(30, 50, NORMAL));
    while (engine.step()) {
      // until all are done: who lost its blocks says so with its next token
    }
    assertThat(batch.usage().preemptions()).isPositive();
    assertThat(interactive.usage().preemptions()).isZero();
    assertThat(normal.usage().preemptions()).isZero();
  }

  @Test
  void aFloodOfInteractiveRequestsStarvesNobody() {
    Engine engine =
        engine(CONFIG.withMaxSequences(4).withMaxQueued(100_000).withKvBytes(FakeLm.kvBytes(40)));
    List<TokenStream> low = new ArrayList<>();
    List<Request> requests = new ArrayList<>();
    for (RequestTerms terms : List.of(BATCH, NORMAL, BATCH)) {
      requests.add(request(300, 40, terms));
      low.add(engine.submit(requests.getLast()));
    }
    int steps = 0;
    while (low.stream().anyMatch(s -> drawn(s) < 40)) {
      for (int i = 0; i < 2; i++) { // a new one wherever a place may be free
        if (engine.stats().waiting() < 20) {
          engine.submit(request(60, 20, INTERACTIVE.withTenant("t" + random.nextInt(5))));
        }
      }
      engine.step();
      assertThat(++steps).isLessThan(20_000);
    }
    for (int i = 0; i < low.size(); i++) {
      Answer answer = Answers.readOne(low.get(i));
      assertThat(answer).isEqualTo(Answers.expected(requests.get(i), 0, CONTEXT));
    }
  }

  @Test
  void noStepIsLeftPartlyEmptyWhileSomebodyCouldUseIt() {
    Engine engine = engine(CONFIG);
    for (int i = 0; i < 40; i++) {
      RequestTerms terms = List.of(INTERACTIVE, NORMAL, BATCH).get(i % 3);
      engine.submit(request(1 + random.nextInt(400), 1, terms.withTenant("t" + i % 4)));
    }
    long missing = engine.stats().computedTokens();
    engine.step();
    while (engine.stats().waiting() > 1) {
      missing = engine.stats().computedTokens();
      engine.step();
      assertThat(engine.stats().computedTokens() - missing).isEqualTo(STEP);
    }
  }

  /** Tenant t asks with token t only, so that the model knows whose rows it computes. */
  @Test
  void tenantsWithWorkWaitingStayWithinAQuantumAndAStepOfEachOther() {
    for (long seed = 0; seed < 30; seed++) {
      var dice = new SplittableRandom(seed);
      var model = new FakeLm(CONTEXT, STEP);
      int tenants = 2 + dice.nextInt(3);
      List<List<TokenStream>> waiting = new ArrayList<>();
      for (int t = 0; t < tenants; t++) {
        waiting.add(new ArrayList<>());
      }
      EngineConfig config = CONFIG.withPrefixCaching(false);
      try (Engine engine = Engine.unstarted(model, new FakeTokenizer(), config)) {
        for (int s = 0; s < 200; s++) {
          for (int t = 0; t < tenants; t++) {
            List<TokenStream> own = waiting.get(t);
            own.removeIf(stream -> drawn(stream) > 0);
            while (own.size() < 3) {
              int[] prompt = new int[STEP + dice.nextInt(500)];
              Arrays.fill(prompt, t);
              RequestTerms terms = NORMAL.withTenant("t" + t);
              own.add(engine.submit(Request.of(prompt, 1).withTerms(terms)));
            }
          }
          engine.step();
          long[] computed = Arrays.copyOf(model.rowsOfToken, tenants);
          Arrays.sort(computed);
          assertThat(computed[tenants - 1] - computed[0])
              .as("seed %d step %d: %s", seed, s, Arrays.toString(computed))
              .isLessThanOrEqualTo(STEP + STEP); // the quantum is a step here
        }
      }
    }
  }
}
