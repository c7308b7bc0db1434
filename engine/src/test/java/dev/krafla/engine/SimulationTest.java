package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.kernels.KvType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The engine turned by hand, one step at a time, with requests, aborts and failures at random
 * places between the steps. The loop asserts its invariants after each step; here the answers are
 * compared with a loop that has neither batch nor cache.
 */
class SimulationTest {
  private static final int CONTEXT = 96;
  private static final int RUNS = 300;
  private static final List<ServiceClass> CLASSES = List.of(ServiceClass.values());

  private final Logger log = Logger.getLogger(StepLoop.class.getName());

  @BeforeEach
  void silenceTheFailuresThatAreMeantToHappen() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void logAgain() {
    log.setLevel(null);
  }

  private record Case(Request request, LiveStream stream) {}

  /** What a run met with, so that the test can tell that it tested something. */
  private static final class Seen {
    long preemptions;
    long hits;
    long aborted;
    long failed;
    long answers;
  }

  @Test
  void everyAnswerIsRightWhateverIsAdmittedPreemptedAbortedOrFailedMeanwhile() {
    var seen = new Seen();
    for (long seed = 0; seed < RUNS; seed++) {
      run(new SplittableRandom(seed), seen, "seed " + seed);
    }
    assertThat(seen.preemptions).isGreaterThan(RUNS);
    assertThat(seen.hits).isGreaterThan(100 * RUNS);
    assertThat(seen.aborted).isGreaterThan(RUNS);
    assertThat(seen.failed).isGreaterThan(RUNS / 10);
    assertThat(seen.answers).isGreaterThan(10 * RUNS);
  }

  private static void run(SplittableRandom random, Seen seen, String name) {
    var lm = new FakeLm(CONTEXT, 64);
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvType(KvType.F32)
            .withKvBytes(FakeLm.kvBytes(3 + random.nextInt(25)))
            .withMaxBatchTokens(1 + random.nextInt(64))
            .withMaxSequences(1 + random.nextInt(8))
            .withPrefixCaching(random.nextInt(8) > 0);
    try (Engine engine = Engine.unstarted(lm, new FakeTokenizer(), config)) {
      List<int[]> beginnings = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        beginnings.add(random.ints(80, 1, FakeLm.VOCAB).toArray());
      }
      List<Case> cases = new ArrayList<>();
      for (int i = 0; i < 150; i++) {
        switch (random.nextInt(12)) {
          case 0, 1 -> {
            Request request = request(random, beginnings, engine.maxSequenceTokens());
            cases.add(new Case(request, (LiveStream) engine.submit(request)));
          }
          case 2 -> {
            if (!cases.isEmpty() && random.nextInt(3) == 0) {
              cases.get(random.nextInt(cases.size())).stream.close();
            }
          }
          case 3 -> lm.failNext = random.nextInt(20) == 0;
          default -> engine.step();
        }
      }
      lm.failNext = false;
      runDry(engine, cases, name);
      for (Case c : cases) {
        check(c, engine.maxSequenceTokens(), seen, name);
      }
      EngineStats stats = engine.stats();
      assertThat(stats.usedBlocks()).as(name).isZero();
      assertThat(stats.finished() + stats.aborted() + stats.failed()).isEqualTo(cases.size());
      seen.preemptions += stats.preemptions();
      seen.hits += stats.prefixHitTokens();
      seen.aborted += stats.aborted();
      seen.failed += stats.failed();
    }
  }

  private static Request request(
      SplittableRandom random, List<int[]> beginnings, int maxSequenceTokens) {
    int[] beginning = beginnings.get(random.nextInt(beginnings.size()));
    int length = 1 + random.nextInt(Math.min(beginning.length, maxSequenceTokens - 1));
    int[] prompt = Arrays.copyOf(beginning, length);
    int own = random.nextInt(Math.min(length, 20));
    for (int i = length - own; i < length; i++) {
      prompt[i] = random.nextInt(1, FakeLm.VOCAB);
    }
    float temperature = random.nextInt(2);
    var sampling =
        new SamplingParams(
            temperature, 0, 1, 0, 1, 1, 0, 0, Map.of(), OptionalLong.of(random.nextLong()));
    return Request.of(prompt, 1 + random.nextInt(40))
        .withSampling(sampling)
        .withChoices(random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 1)
        .withStop(random.nextInt(4) == 0 ? List.of("e", "mn") : List.of())
        .withCacheSalt(random.nextInt(4) == 0 ? "other" : "")
        .withTerms(
            RequestTerms.DEFAULTS
                .withServiceClass(CLASSES.get(random.nextInt(CLASSES.size())))
                .withTenant(random.nextInt(4) == 0 ? "another" : ""));
  }

  /** Turns until nothing is left; a bound on the turns catches a standstill. */
  private static void runDry(Engine engine, List<Case> cases, String name) {
    int turns = 0;
    while (engine.step()) {
      turns++;
      assertThat(turns).as(name).isLessThan(cases.size() * 4 * CONTEXT * CONTEXT);
    }
  }

  private static void check(Case c, int maxSequenceTokens, Seen seen, String name) {
    if (c.stream.isClosed()) {
      assertThat(c.stream.iterator().hasNext()).isFalse();
      return;
    }
    List<Answer> answers;
    try {
      answers = Answers.read(c.stream, c.request.choices());
    } catch (GenerationFailed e) {
      assertThat(e).hasMessageContaining("told to fail");
      return;
    }
    for (int choice = 0; choice < answers.size(); choice++) {
      assertThat(answers.get(choice))
          .as("%s, choice %d", name, choice)
          .isEqualTo(Answers.expected(c.request, choice, maxSequenceTokens));
      seen.answers++;
    }
  }
}
