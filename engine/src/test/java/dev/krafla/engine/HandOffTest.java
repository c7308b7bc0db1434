package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.engine.transfer.HandOff;
import dev.krafla.engine.transfer.HandOffStats;
import dev.krafla.engine.transfer.RemoteKv;
import dev.krafla.engine.transfer.TransferConfig;
import dev.krafla.engine.transfer.TransferException.Reason;
import dev.krafla.engine.transfer.TransferKey;
import dev.krafla.engine.transfer.TransferRole;
import dev.krafla.kernels.KvType;
import dev.krafla.models.ModelInfo.Pooling;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two engines, turned by hand, one of which computes prompts for the other; TCP between them. */
class HandOffTest {
  private static final int CONTEXT = 200;
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final Logger log = Logger.getLogger("dev.krafla.engine");

  @BeforeEach
  void silenceTheFailuresThatAreMeantToHappen() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void logAgain() {
    log.setLevel(null);
  }

  /** An engine with its model, in a time that the test moves. */
  private static final class Side implements AutoCloseable {
    final FakeLm lm;
    final Engine engine;
    long now;

    Side(TransferConfig transfer, UnaryOperator<EngineConfig> change, String digest) {
      lm = new FakeLm(CONTEXT, 64, Pooling.NONE, digest);
      EngineConfig config =
          EngineConfig.DEFAULTS
              .withKvType(KvType.F32)
              .withKvBytes(FakeLm.kvBytes(40))
              .withMaxBatchTokens(64)
              .withMaxDraftTokens(0)
              .withTransfer(transfer);
      engine =
          Engine.unstarted(
              lm,
              new FakeTokenizer(),
              change.apply(config),
              new KvTiers.Policy(Runnable::run, (r, c) -> true),
              () -> now);
    }

    Side(TransferRole role) {
      this(TransferConfig.of(role).withLease(LEASE), UnaryOperator.identity(), "0123");
    }

    void runDry() {
      while (engine.step()) {
        // until nothing is left to do
      }
    }

    Answer answer(Request request) {
      TokenStream stream = engine.submit(request);
      runDry();
      return Answers.readOne(stream);
    }

    RemoteKv lend(Request request) {
      TokenStream stream = engine.submit(toLend(request));
      runDry();
      Answers.readOne(stream);
      return stream.lent().orElseThrow();
    }

    HandOffStats.Lending lending() {
      engine.step(); // takes down what others did meanwhile
      return engine.stats().handOffs().lending();
    }

    HandOffStats.Pulling pulling() {
      return engine.stats().handOffs().pulling();
    }

    /** Waits for what the other side's connection tells this one: at most as long as a test may. */
    void awaitFreeBlocks() throws InterruptedException {
      while (engine.stats().usedBlocks() > 0) {
        if (!engine.step()) {
          Thread.sleep(1);
        }
      }
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  private static Request request(int length, int maxTokens) {
    int[] prompt = new SplittableRandom(length).ints(length, 1, FakeLm.VOCAB).toArray();
    return Request.of(prompt, maxTokens)
        .withIgnoreEndTokens(true)
        .withSampling(SamplingParams.temperature(1).withSeed(7));
  }

  private static Request toLend(Request request) {
    return Request.of(request.prompt(), 1)
        .withCacheSalt(request.cacheSalt())
        .withTerms(request.terms())
        .withHandOff(new HandOff.Lend());
  }

  private static Answer alone(Request request) {
    return Answers.expected(request, 0, CONTEXT);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 64, 100, 150})
  void decodeGoesOnInTheLastBlockWithoutComputingAnythingOfThePrompt(int length)
      throws InterruptedException {
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      Request request = request(length, 20);
      RemoteKv lent = prefill.lend(request);
      assertThat(lent.blocks()).hasSize((length + 15) / 16);

      Answer answer = decode.answer(request.withHandOff(new HandOff.Take(lent)));

      assertThat(answer).isEqualTo(alone(request));
      assertThat(decode.lm.rowsComputed).isEqualTo(19); // the first needs no pass
      assertThat(decode.pulling().pulled()).isOne();
      assertThat(decode.pulling().tokens()).isEqualTo(length);
      assertThat(decode.pulling().failures()).isEmpty();
      assertThat(decode.engine.stats().usedBlocks()).isZero();
      prefill.awaitFreeBlocks();
      assertThat(prefill.lending().acknowledged()).isOne();
      assertThat(prefill.lending().openLeases()).isZero();
    }
  }

  @Test
  void theAccountSaysWhatCameAndHowManyBytes() {
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      Request request = request(100, 5);
      RemoteKv lent = prefill.lend(request);
      TokenStream stream = decode.engine.submit(request.withHandOff(new HandOff.Take(lent)));
      decode.runDry();
      Answers.readOne(stream);

      Usage usage = stream.usage();
      long bytes = 7 * FakeLm.kvBytes(1) + FakeLm.VOCAB * 4L;
      assertThat(usage.cachedTokens()).isEqualTo(100);
      assertThat(usage.loadedTokens()).isEqualTo(100);
      assertThat(usage.work().computedTokens()).isEqualTo(4);
      assertThat(usage.work().bytesMoved()).isEqualTo(bytes);
      assertThat(decode.pulling().bytes()).isEqualTo(bytes);
    }
  }

  @Test
  void onlyWhatDecodeHasNotIsSent() {
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      Request request = request(100, 5);
      decode.answer(Request.of(Arrays.copyOf(request.prompt(), 50), 1));
      RemoteKv lent = prefill.lend(request);

      assertThat(decode.answer(request.withHandOff(new HandOff.Take(lent))))
          .isEqualTo(alone(request));
      assertThat(decode.pulling().tokens()).isEqualTo(100 - 48);
    }
  }

  @Test
  void aPromptThatDecodeKnowsToItsEndIsNotFetchedAndItsLeaseEnds() throws InterruptedException {
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      Request request = request(100, 5);
      decode.answer(request);
      RemoteKv lent = prefill.lend(request);

      assertThat(decode.answer(request.withHandOff(new HandOff.Take(lent))))
          .isEqualTo(alone(request));
      assertThat(decode.pulling().pulled()).isZero();
      prefill.awaitFreeBlocks();
    }
  }

  @Test
  void aRepeatedPromptIsLentFromThePrefixCache() {
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      Request request = request(100, 5);
      prefill.lend(request);
      long rows = prefill.lm.rowsComputed;
      RemoteKv lent = prefill.lend(request);
      assertThat(prefill.lm.rowsComputed).isEqualTo(rows);

      assertThat(decode.answer(request.withHandOff(new HandOff.Take(lent))))
          .isEqualTo(alone(request));
      assertThat(decode.pulling().tokens()).isEqualTo(96); // the tail is computed with the second
    }
  }

  @Test
  void severalAnswersToOnePromptAllGoOn() {
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      Request request = request(70, 10).withChoices(3);
      RemoteKv lent = prefill.lend(request);
      TokenStream stream = decode.engine.submit(request.withHandOff(new HandOff.Take(lent)));
      decode.runDry();
      var answers = Answers.read(stream, 3);
      for (int choice = 0; choice < 3; choice++) {
        assertThat(answers.get(choice)).isEqualTo(Answers.expected(request, choice, CONTEXT));
      }
      assertThat(decode.engine.stats().usedBlocks()).isZero();
    }
  }

  @Test
  void handOffsNeedNoPrefixCache() {
    UnaryOperator<EngineConfig> plain = c -> c.withPrefixCaching(false).withPromptLogitsBytes(0);
    try (var prefill = new Side(TransferConfig.of(TransferRole.BOTH), plain, "0123");
        var decode = new Side(TransferConfig.of(TransferRole.BOTH), plain, "0123")) {
      Request request = request(70, 10);
      RemoteKv lent = prefill.lend(request);
      assertThat(decode.answer(request.withHandOff(new HandOff.Take(lent))))
          .isEqualTo(alone(request));
      assertThat(decode.pulling().pulled()).isOne();
    }
  }

  @Test
  void aLeaseThatNobodyFetchesExpiresAndDecodeComputesThen() {
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      Request request = request(100, 5);
      RemoteKv lent = prefill.lend(request);
      assertThat(prefill.engine.stats().usedBlocks()).isEqualTo(7);
      prefill.now = LEASE.toNanos() - 1;
      prefill.runDry();
      assertThat(prefill.lending().openLeases()).isOne();
      prefill.now++;
      prefill.runDry();
      assertThat(prefill.lending().expired()).isOne();
      assertThat(prefill.engine.stats().usedBlocks()).isZero();

      assertThat(decode.answer(request.withHandOff(new HandOff.Take(lent))))
          .isEqualTo(alone(request));
      assertThat(decode.pulling().failures()).isEqualTo(Map.of(Reason.NO_LEASE, 1L));
    }
  }

  @Test
  void whoeverNeedsTheRoomGetsItFromTheOldestLease() {
    try (var prefill = new Side(TransferRole.PREFILL)) {
      prefill.lend(request(150, 1)); // 10 of 40 blocks; leases may have 20
      prefill.lend(request(151, 1));
      prefill.lend(request(152, 1));
      assertThat(prefill.lending().revoked()).isOne();
      assertThat(prefill.lending().leasedBlocks()).isEqualTo(20);
    }
    UnaryOperator<EngineConfig> small = c -> c.withKvBytes(FakeLm.kvBytes(12));
    var greedy = TransferConfig.of(TransferRole.PREFILL).withLeased(1, 8);
    try (var prefill = new Side(greedy, small, "0123")) {
      prefill.lend(request(150, 1));
      Request other = request(160, 10);
      assertThat(prefill.answer(other)).isEqualTo(alone(other));
      assertThat(prefill.lending().revoked()).isOne();
      assertThat(prefill.engine.stats().usedBlocks()).isZero();
    }
  }

  @Test
  void aWorkerOfAnotherModelOrSecretIsRefusedAndThePromptComputed() {
    var withKey =
        TransferConfig.of(TransferRole.BOTH).withKey(TransferKey.of("a secret of sixteen"));
    var otherKey =
        TransferConfig.of(TransferRole.BOTH).withKey(TransferKey.of("another of sixteen."));
    try (var prefill = new Side(withKey, UnaryOperator.identity(), "0123");
        var same = new Side(withKey, UnaryOperator.identity(), "0123");
        var model = new Side(withKey, UnaryOperator.identity(), "4567");
        var secret = new Side(otherKey, UnaryOperator.identity(), "0123");
        var none = new Side(TransferRole.DECODE)) {
      Request request = request(100, 5);
      RemoteKv lent = prefill.lend(request);
      Request take = request.withHandOff(new HandOff.Take(lent));
      for (var c :
          Map.of(
                  model, Reason.MISMATCH,
                  secret, Reason.UNAUTHORIZED,
                  none, Reason.UNAUTHORIZED)
              .entrySet()) {
        assertThat(c.getKey().answer(take)).isEqualTo(alone(request));
        assertThat(c.getKey().pulling().failures()).isEqualTo(Map.of(c.getValue(), 1L));
      }
      assertThat(prefill.lending().refused()).isEqualTo(3);
      assertThat(same.answer(take)).isEqualTo(alone(request));
    }
  }

  @Test
  void aLeaseOfAnotherPromptTenantOrSaltIsNotTaken() {
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      RemoteKv lent = prefill.lend(request(100, 5));
      for (Request other :
          new Request[] {
            request(101, 5),
            request(100, 5).withCacheSalt("other"),
            request(100, 5).withTerms(RequestTerms.DEFAULTS.withTenant("another"))
          }) {
        assertThat(decode.answer(other.withHandOff(new HandOff.Take(lent))))
            .isEqualTo(alone(other));
      }
      assertThat(decode.pulling().failures()).isEqualTo(Map.of(Reason.OTHER_PROMPT, 3L));
      assertThat(decode.pulling().bytes()).isZero();
    }
  }

  @Test
  void aLenderThatIsGoneOrNeverWasCostsNothingButThePrompt() {
    RemoteKv lent;
    Request request = request(100, 5);
    try (var prefill = new Side(TransferRole.PREFILL)) {
      lent = prefill.lend(request);
    }
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      Request take = request.withHandOff(new HandOff.Take(lent));
      assertThat(decode.answer(take)).isEqualTo(alone(request));
      RemoteKv here = prefill.lend(request(101, 1));
      var wrongLease =
          new RemoteKv(here.engine(), UUID.randomUUID(), here.host(), here.port(), here.blocks());
      var wrongRun =
          new RemoteKv(UUID.randomUUID(), here.lease(), here.host(), here.port(), here.blocks());
      for (RemoteKv wrong : new RemoteKv[] {wrongLease, wrongRun}) {
        Request next = request(101, 5).withCacheSalt(wrong.engine().toString());
        assertThat(decode.answer(next.withHandOff(new HandOff.Take(wrong)))).isEqualTo(alone(next));
      }
      assertThat(decode.pulling().failures())
          .isEqualTo(Map.of(Reason.UNREACHABLE, 1L, Reason.NO_LEASE, 2L));
    }
  }

  @Test
  void aRequestThatEndsBeforeItIsLetInGivesItsLeaseBack() throws InterruptedException {
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      Request request = request(100, 5);
      RemoteKv lent = prefill.lend(request);
      decode.engine.submit(request.withHandOff(new HandOff.Take(lent))).close();
      decode.runDry();
      prefill.awaitFreeBlocks();
      assertThat(prefill.lending().acknowledged()).isOne();
    }
  }

  @Test
  void onlyOneTokenIsDrawnWhereAnotherGoesOnAndOnlyWhereSomebodyMayFetch() {
    try (var prefill = new Side(TransferRole.PREFILL);
        var decode = new Side(TransferRole.DECODE)) {
      Request two = Request.of(new int[] {1, 2, 3}, 2).withHandOff(new HandOff.Lend());
      assertThatThrownBy(() -> prefill.engine.submit(two))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("max_tokens is 2");
      assertThatThrownBy(() -> decode.engine.submit(toLend(request(3, 1))))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("--role prefill");
    }
  }
}
