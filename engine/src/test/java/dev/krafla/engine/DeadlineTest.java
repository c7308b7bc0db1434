package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.engine.DeadlineUnreachable.Reason;
import dev.krafla.kernels.KvType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deadlines in a time of the test's own, in which a token takes a millisecond. */
class DeadlineTest {
  private static final int CONTEXT = 2048;
  private static final int STEP = 64;
  private static final long TOKEN_NANOS = 1_000_000;
  private static final EngineConfig CONFIG =
      EngineConfig.DEFAULTS
          .withKvType(KvType.F32)
          .withKvBytes(FakeLm.kvBytes(2000))
          .withMaxBatchTokens(STEP)
          .withMaxDraftTokens(0);

  private final FakeLm lm = new FakeLm(CONTEXT, STEP);
  private final SplittableRandom random = new SplittableRandom(1);
  private Engine engine = engine();

  private Engine engine() {
    return Engine.unstarted(lm, new FakeTokenizer(), CONFIG, () -> lm.rowsComputed * TOKEN_NANOS);
  }

  @BeforeEach
  void learnHowLongATokenTakes() {
    engine.submit(request(STEP));
    runDry();
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Request request(int promptTokens) {
    return Request.of(random.ints(promptTokens, 1, FakeLm.VOCAB).toArray(), 1);
  }

  private static Request within(Request request, long millis) {
    return request.withTerms(RequestTerms.DEFAULTS.withFirstToken(Duration.ofMillis(millis)));
  }

  private void runDry() {
    while (engine.step()) {
      // until nothing is left to do
    }
  }

  private static boolean isRefused(TokenStream stream) {
    try {
      return !stream.iterator().hasNext();
    } catch (DeadlineUnreachable e) {
      return true;
    }
  }

  @Test
  void whoCannotMakeItBehindOthersIsRefusedAtOnceAndTheOthersMakeIt() {
    List<TokenStream> streams = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      streams.add(engine.submit(within(request(100), 500)));
    }
    engine.step();

    assertThat(engine.stats().shed()).isEqualTo(5);
    assertThatThrownBy(() -> streams.get(9).iterator().hasNext())
        .isInstanceOfSatisfying(
            DeadlineUnreachable.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.QUEUED_BEHIND_OTHERS);
              assertThat(e.retriable()).isTrue();
              assertThat(e.retryAfter()).isPresent();
            })
        .hasMessageContaining("within 0.5 s");
    runDry();
    for (TokenStream served : streams.subList(0, 5)) {
      assertThat(served.usage().firstToken()).isLessThanOrEqualTo(Duration.ofMillis(500));
    }
    assertThat(engine.stats().finished()).isEqualTo(1 + 5);
    assertThat(engine.stats().usedBlocks()).isZero();
  }

  @Test
  void aPromptThatTakesLongerThanThatByItselfIsNotWorthRepeating() {
    TokenStream stream = engine.submit(within(request(1000), 500));
    engine.step();

    assertThatThrownBy(() -> stream.iterator().hasNext())
        .isInstanceOfSatisfying(
            DeadlineUnreachable.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.PROMPT_TOO_LONG);
              assertThat(e.retriable()).isFalse();
              assertThat(e.retryAfter()).isEmpty();
            })
        .hasMessageContaining("1000 tokens");
  }

  @Test
  void whatIsInTheCacheTakesNoTime() {
    Request request = request(1000);
    engine.submit(request);
    runDry();
    engine.submit(within(request(1000).withTerms(RequestTerms.DEFAULTS.withTenant("b")), 5000));
    TokenStream stream = engine.submit(within(request, 500));
    runDry();

    assertThat(isRefused(stream)).isFalse();
  }

  @Test
  void aBeginningThatManyWaitForCountsOnce() {
    int[] common = random.ints(400, 1, FakeLm.VOCAB).toArray();
    List<TokenStream> streams = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      streams.add(engine.submit(within(Request.of(common, 1), 600)));
    }
    runDry();

    assertThat(streams).noneMatch(DeadlineTest::isRefused);
  }

  @Test
  void aClassesDeadlineIsThatOfItsRequests() {
    engine.close();
    ServiceLevel hurried =
        SchedulingPolicy.DEFAULTS
            .level(ServiceClass.NORMAL)
            .withFirstToken(Optional.of(Duration.ofMillis(100)));
    engine =
        Engine.unstarted(
            lm,
            new FakeTokenizer(),
            CONFIG.withScheduling(
                SchedulingPolicy.DEFAULTS.withLevel(ServiceClass.NORMAL, hurried)),
            () -> lm.rowsComputed * TOKEN_NANOS);
    learnHowLongATokenTakes();
    TokenStream normal = engine.submit(request(300));
    TokenStream batch =
        engine.submit(
            request(300).withTerms(RequestTerms.DEFAULTS.withServiceClass(ServiceClass.BATCH)));
    runDry();

    assertThat(isRefused(normal)).isTrue();
    assertThat(isRefused(batch)).isFalse();
  }

  @Test
  void deadlinesThatCanBeKeptAreKeptWhateverTheOrderOfArrival() {
    for (int run = 0; run < 50; run++) {
      List<Request> requests = new ArrayList<>();
      long work = 0;
      for (int i = 0; i < 12; i++) {
        int tokens = 1 + random.nextInt(300);
        work += tokens;
        // Feasible one after the other; a step may hold another's tokens too.
        requests.add(within(request(tokens), work + STEP + random.nextInt(50)));
      }
      Collections.shuffle(requests, new Random(run));
      List<TokenStream> streams = requests.stream().map(engine::submit).toList();
      runDry();
      for (int i = 0; i < requests.size(); i++) {
        assertThat(isRefused(streams.get(i))).as("run %d", run).isFalse();
        assertThat(streams.get(i).usage().firstToken())
            .as("run %d", run)
            .isLessThanOrEqualTo(requests.get(i).terms().firstToken().orElseThrow());
      }
    }
  }
}
