package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.engine.kvstore.DiskStore;
import dev.krafla.engine.kvstore.KvTierStats;
import dev.krafla.kernels.KvType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine turned by hand over a cache on disk, with restarts: requests, aborts and loads come
 * and end at random places between the steps, and files are cut, damaged, renamed and deleted. The
 * loop asserts its invariants after each step; every answer is compared with a loop that has no
 * cache at all.
 */
class StoredSimulationTest {
  private static final int CONTEXT = 96;
  private static final int RUNS = 60;
  private static final int STARTS = 3;

  @TempDir Path folder;
  private final Logger log = Logger.getLogger("dev.krafla.engine");

  @BeforeEach
  void silenceTheDamageThatIsMeantToBeFound() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void logAgain() {
    log.setLevel(null);
  }

  private record Case(Request request, LiveStream stream) {}

  /** Loads that run when the test says so. */
  private static final class Loads implements Executor {
    private final List<Runnable> waiting = new ArrayList<>();

    @Override
    public void execute(Runnable load) {
      waiting.add(load);
    }

    boolean runOne(SplittableRandom random) {
      if (waiting.isEmpty()) {
        return false;
      }
      waiting.remove(random.nextInt(waiting.size())).run();
      return true;
    }
  }

  /** What the runs met with, so that the test can tell that it tested something. */
  private static final class Seen {
    long answers;
    long loadedTokens;
    long repeats;
    long damaged;
    long passedOver;
    long preemptions;
    long aborted;
    long abortedWhileLoading;
  }

  @Test
  void everyAnswerIsRightWhateverBecomesOfTheFiles() throws IOException {
    var seen = new Seen();
    for (long seed = 0; seed < RUNS; seed++) {
      var random = new SplittableRandom(seed);
      Path own = folder.resolve("run" + seed);
      List<int[]> beginnings = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        beginnings.add(random.ints(80, 1, FakeLm.VOCAB).toArray());
      }
      for (int start = 0; start < STARTS; start++) {
        run(random, own, beginnings, seen, "seed %d, start %d".formatted(seed, start));
        damage(random, own);
      }
    }
    assertThat(seen.answers).isGreaterThan(10 * RUNS);
    assertThat(seen.loadedTokens).isGreaterThan(100 * RUNS);
    assertThat(seen.repeats).isGreaterThan(RUNS);
    assertThat(seen.damaged).isGreaterThan(RUNS);
    assertThat(seen.passedOver).isGreaterThan(RUNS);
    assertThat(seen.preemptions).isGreaterThan(RUNS);
    assertThat(seen.aborted).isGreaterThan(RUNS / 2);
    assertThat(seen.abortedWhileLoading).isPositive();
  }

  private static void run(
      SplittableRandom random, Path folder, List<int[]> beginnings, Seen seen, String name)
      throws IOException {
    var loads = new Loads();
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvType(KvType.F32)
            .withKvBytes(FakeLm.kvBytes(5 + random.nextInt(20)))
            .withMaxBatchTokens(32 + random.nextInt(32))
            .withMaxSequences(1 + random.nextInt(8))
            .withPromptLogitsBytes(random.nextInt(4) == 0 ? 0 : 4096)
            .withKvStores(DiskStore.open(folder, 5_000 + random.nextInt(200_000)));
    var policy = new KvTiers.Policy(loads, (read, compute) -> random.nextInt(10) > 0);
    try (Engine engine =
        Engine.unstarted(new FakeLm(CONTEXT, 64), new FakeTokenizer(), config, policy)) {
      List<Case> cases = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        switch (random.nextInt(12)) {
          case 0, 1 -> {
            Request request = request(random, beginnings, engine.maxSequenceTokens());
            cases.add(new Case(request, (LiveStream) engine.submit(request)));
          }
          case 2 -> {
            if (!cases.isEmpty() && random.nextInt(2) == 0) {
              seen.abortedWhileLoading += loads.waiting.isEmpty() ? 0 : 1;
              cases
                  .get(cases.size() - 1 - random.nextInt(Math.min(3, cases.size())))
                  .stream
                  .close();
            }
          }
          case 3 -> loads.runOne(random);
          case 4 -> {
            if (random.nextInt(10) == 0) {
              damage(random, folder);
            }
          }
          default -> engine.step();
        }
      }
      while (engine.step() || loads.runOne(random)) {
        // until nothing is left to do
      }
      for (Case c : cases) {
        check(c, engine.maxSequenceTokens(), seen, name);
      }
      EngineStats stats = engine.stats();
      assertThat(stats.usedBlocks()).as(name).isZero();
      assertThat(stats.finished() + stats.aborted()).as(name).isEqualTo(cases.size());
      KvTierStats disk = stats.tiers().getFirst();
      seen.loadedTokens += stats.loadedTokens();
      seen.repeats += stats.repeatedPrompts();
      seen.preemptions += stats.preemptions();
      seen.aborted += stats.aborted();
      seen.damaged += disk.damaged();
      seen.passedOver += disk.passedOver();
    }
  }

  private static Request request(
      SplittableRandom random, List<int[]> beginnings, int maxSequenceTokens) {
    int[] beginning = beginnings.get(random.nextInt(beginnings.size()));
    int length = 1 + random.nextInt(Math.min(beginning.length, maxSequenceTokens - 1));
    if (random.nextInt(2) == 0) {
      length = Math.min(maxSequenceTokens - 1, 70); // the same prompt again and again
    }
    int[] prompt = Arrays.copyOf(beginning, length);
    int own = random.nextInt(3) == 0 ? random.nextInt(Math.min(length, 20)) : 0;
    for (int i = length - own; i < length; i++) {
      prompt[i] = random.nextInt(1, FakeLm.VOCAB);
    }
    return Request.of(prompt, 1 + random.nextInt(25))
        .withSampling(SamplingParams.temperature(1).withSeed(random.nextLong()))
        .withChoices(random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 1)
        .withCacheSalt(random.nextInt(4) == 0 ? "other" : "");
  }

  private static void check(Case c, int maxSequenceTokens, Seen seen, String name) {
    if (c.stream.isClosed()) {
      return;
    }
    List<Answer> answers = Answers.read(c.stream, c.request.choices());
    for (int choice = 0; choice < answers.size(); choice++) {
      assertThat(answers.get(choice))
          .as("%s, choice %d", name, choice)
          .isEqualTo(Answers.expected(c.request, choice, maxSequenceTokens));
      seen.answers++;
    }
  }

  /** Cuts, damages, swaps, copies over and deletes some of the files. */
  private static void damage(SplittableRandom random, Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().endsWith(".kv")).sorted().toList();
    }
    for (Path file : files) {
      if (random.nextInt(8) == 0) {
        Path other = files.get(random.nextInt(files.size()));
        try {
          damage(random, file, other);
        } catch (NoSuchFileException e) {
          assertThat(e).hasMessageContaining(".kv"); // evicted meanwhile
        }
      }
    }
  }

  private static void damage(SplittableRandom random, Path file, Path other) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (bytes.length == 0) {
      return; // cut before
    }
    switch (random.nextInt(5)) {
      case 0 -> Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
      case 1 -> {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, bytes);
      }
      case 2 -> Files.write(file, Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(9)));
      case 3 -> Files.write(file, Files.readAllBytes(other)); // another's content
      default -> Files.delete(file);
    }
  }
}
