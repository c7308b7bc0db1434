package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.engine.transfer.HandOff;
import dev.krafla.engine.transfer.HandOffStats;
import dev.krafla.engine.transfer.RemoteKv;
import dev.krafla.engine.transfer.TransferConfig;
import dev.krafla.engine.transfer.TransferRole;
import dev.krafla.kernels.KvType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two workers turned by hand, one of which lends to the other over a wire that goes wrong:
 * requests, aborts, expiries and transfers come and end at random places between the steps. The
 * loops assert their invariants, leases included, after each step; every answer is compared with a
 * loop that has neither cache nor network.
 */
class HandOffSimulationTest {
  private static final int CONTEXT = 96;
  private static final int RUNS = 40;
  private static final Duration LEASE = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final Logger log = Logger.getLogger("dev.krafla.engine");

  @BeforeEach
  void silenceTheFailuresThatAreMeantToHappen() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void logAgain() {
    log.setLevel(null);
  }

  private record Case(Request request, TokenStream stream) {}

  /** Transfers that run when the test says so. */
  private static final class Transfers implements Executor {
    private final List<Runnable> waiting = new ArrayList<>();

    @Override
    public void execute(Runnable transfer) {
      waiting.add(transfer);
    }

    boolean runOne(SplittableRandom random) {
      if (waiting.isEmpty()) {
        return false;
      }
      waiting.remove(random.nextInt(waiting.size())).run();
      return true;
    }
  }

  /** One engine, with what was asked of it. */
  private static final class Side implements AutoCloseable {
    final Transfers transfers = new Transfers();
    final List<Case> cases = new ArrayList<>();
    final Engine engine;
    long now;

    Side(TransferRole role, SplittableRandom random) {
      TransferConfig transfer =
          TransferConfig.of(role)
              .withLease(LEASE)
              .withLeased(0.3 + 0.7 * random.nextDouble(), 2 + random.nextInt(20))
              .withTimeouts(SHORT, SHORT);
      EngineConfig config =
          EngineConfig.DEFAULTS
              .withKvType(KvType.F32)
              .withKvBytes(FakeLm.kvBytes(6 + random.nextInt(60)))
              .withMaxBatchTokens(8 + random.nextInt(56))
              .withMaxSequences(1 + random.nextInt(8))
              .withPrefixCaching(random.nextInt(5) > 0)
              .withPromptLogitsBytes(random.nextInt(3) == 0 ? 0 : 4096)
              .withTransfer(transfer);
      engine =
          Engine.unstarted(
              new FakeLm(CONTEXT, 64),
              new FakeTokenizer(),
              config,
              new KvTiers.Policy(transfers, (r, c) -> true),
              () -> now);
    }

    void submit(Request request) {
      cases.add(new Case(request, engine.submit(request)));
    }

    void check(Map<String, Long> seen, String name) {
      for (Case c : cases) {
        if (((LiveStream) c.stream).isClosed()) {
          continue;
        }
        List<Answer> answers = Answers.read(c.stream, c.request.choices());
        for (int choice = 0; choice < answers.size(); choice++) {
          assertThat(answers.get(choice))
              .as("%s, choice %d", name, choice)
              .isEqualTo(Answers.expected(c.request, choice, engine.maxSequenceTokens()));
          count(seen, "answers", 1);
        }
      }
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  private static void count(Map<String, Long> seen, String what, long n) {
    seen.merge(what, n, Long::sum);
  }

  @Test
  void everyAnswerIsRightAndEveryBlockComesBackWhateverBecomesOfTheWire()
      throws IOException, InterruptedException {
    var seen = new TreeMap<String, Long>();
    for (long seed = 0; seed < RUNS; seed++) {
      var random = new SplittableRandom(seed);
      try (var prefill = new Side(TransferRole.PREFILL, random);
          var decode = new Side(TransferRole.BOTH, random);
          var wire = new FaultyWire(random.split(), 2 + random.nextInt(6))) {
        run(random, prefill, decode, wire);
        String name = "seed " + seed;
        prefill.check(seen, name);
        decode.check(seen, name);
        empty(prefill, name);
        empty(decode, name);
        note(seen, prefill.engine.stats().handOffs());
        note(seen, decode.engine.stats().handOffs());
        count(seen, "preemptions", decode.engine.stats().preemptions());
      }
    }
    assertThat(seen.get("answers")).isGreaterThan(10 * RUNS);
    for (String what : List.of("pulled", "acknowledged", "expired", "revoked")) {
      assertThat(seen.get(what)).as("%s of %s", what, seen).isGreaterThan(RUNS / 2);
    }
    assertThat(seen.keySet())
        .contains("preemptions", "broken", "no_lease", "other_prompt", "stalled")
        .containsAnyOf("damaged", "protocol");
  }

  private static void note(Map<String, Long> seen, HandOffStats stats) {
    count(seen, "acknowledged", stats.lending().acknowledged());
    count(seen, "expired", stats.lending().expired());
    count(seen, "revoked", stats.lending().revoked());
    count(seen, "pulled", stats.pulling().pulled());
    stats.pulling().failures().forEach((why, n) -> count(seen, why.label(), n));
  }

  private static void run(SplittableRandom random, Side prefill, Side decode, FaultyWire wire) {
    List<int[]> beginnings = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      beginnings.add(random.ints(80, 1, FakeLm.VOCAB).toArray());
    }
    List<Case> lending = new ArrayList<>();
    int longest =
        Math.min(prefill.engine.maxSequenceTokens(), decode.engine.maxSequenceTokens()) - 1;
    for (int i = 0; i < 250; i++) {
      switch (random.nextInt(14)) {
        case 0, 1 -> {
          Request request = request(random, beginnings, longest);
          Request prompt =
              Request.of(request.prompt(), 1)
                  .withCacheSalt(request.cacheSalt())
                  .withHandOff(new HandOff.Lend());
          prefill.submit(prompt);
          lending.add(new Case(request, prefill.cases.getLast().stream));
        }
        case 2, 3, 4 -> {
          if (!lending.isEmpty()) {
            take(random, lending, decode, wire);
          }
        }
        case 5 ->
            (random.nextBoolean() ? prefill : decode).submit(request(random, beginnings, longest));
        case 6 -> {
          if (!decode.cases.isEmpty() && random.nextInt(3) == 0) {
            decode.cases.get(random.nextInt(decode.cases.size())).stream.close();
          }
        }
        case 7, 8 -> decode.transfers.runOne(random);
        case 13 -> prefill.now += random.nextLong(LEASE.toNanos() / 5);
        case 9, 10, 11 -> prefill.engine.step();
        default -> decode.engine.step();
      }
    }
    while (prefill.engine.step()
        || decode.engine.step()
        || decode.transfers.runOne(random)
        || prefill.transfers.runOne(random)) {
      // until nothing is left to do
    }
  }

  /** Hands a prompt on whose KV is kept, perhaps with the parameters of another. */
  private static void take(
      SplittableRandom random, List<Case> lending, Side decode, FaultyWire wire) {
    Case ready = lending.get(random.nextInt(lending.size()));
    Case other = random.nextInt(4) == 0 ? lending.get(random.nextInt(lending.size())) : ready;
    if (ready.stream.lent().isPresent() && other.stream.lent().isPresent()) {
      RemoteKv remote = other.stream.lent().get();
      Request request =
          ready.request.withHandOff(
              new HandOff.Take(random.nextInt(3) == 0 ? remote : wire.through(remote)));
      decode.submit(request);
      lending.remove(ready);
    }
  }

  private static Request request(SplittableRandom random, List<int[]> beginnings, int longest) {
    int[] beginning = beginnings.get(random.nextInt(beginnings.size()));
    int length = 1 + random.nextInt(Math.min(beginning.length, longest));
    int[] prompt = Arrays.copyOf(beginning, length);
    int own = random.nextInt(3) == 0 ? 0 : random.nextInt(Math.min(length, 20));
    for (int i = length - own; i < length; i++) {
      prompt[i] = random.nextInt(1, FakeLm.VOCAB);
    }
    return Request.of(prompt, 1 + random.nextInt(25))
        .withSampling(SamplingParams.temperature(1).withSeed(random.nextLong()))
        .withChoices(random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 1)
        .withCacheSalt(random.nextInt(4) == 0 ? "other" : "");
  }

  /** When all leases are over, and whoever reads one has noticed, no block is in use. */
  private static void empty(Side side, String name) throws InterruptedException {
    side.now += LEASE.toNanos();
    for (int i = 0; i < 5000 && side.engine.stats().usedBlocks() > 0; i++) {
      if (!side.engine.step()) {
        Thread.sleep(1); // a connection that the wire has forgotten is noticed after SHORT
      }
    }
    side.engine.step();
    assertThat(side.engine.stats().usedBlocks()).as(name).isZero();
    assertThat(side.engine.stats().handOffs().lending().openLeases()).as(name).isZero();
  }
}
