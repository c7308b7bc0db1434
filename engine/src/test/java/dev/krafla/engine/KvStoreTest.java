package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.engine.kvstore.DiskStore;
import dev.krafla.engine.kvstore.KvTierStats;
import dev.krafla.kernels.KvType;
import dev.krafla.models.ModelInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Engines, one after the other or beside each other, over one cache on disk. */
class KvStoreTest {
  private static final int CONTEXT = 256;
  private static final long ROOMY = 10_000_000;

  /** Whatever is there is read, and read before the engine turns again. */
  private static final KvTiers.Policy EAGER =
      new KvTiers.Policy(Runnable::run, (read, compute) -> true);

  @TempDir Path folder;

  private Engine start(FakeLm lm, KvTiers.Policy policy) {
    return start(lm, policy, KvType.F32);
  }

  private Engine start(FakeLm lm, KvTiers.Policy policy, KvType type) {
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvType(type)
            .withKvBytes(FakeLm.kvBytes(64))
            .withKvStores(DiskStore.open(folder.resolve("kv"), ROOMY));
    return Engine.unstarted(lm, new FakeTokenizer(), config, policy);
  }

  private static FakeLm model() {
    return new FakeLm(CONTEXT, 512);
  }

  private static int[] prompt(int seed, int length) {
    return new SplittableRandom(seed).ints(length, 1, FakeLm.VOCAB).toArray();
  }

  private static Answer ask(Engine engine, Request request) {
    TokenStream stream = engine.submit(request);
    while (engine.step()) {
      // until it is answered
    }
    return Answers.readOne(stream);
  }

  private static KvTierStats disk(Engine engine) {
    return engine.stats().tiers().getFirst();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 47, 48, 200})
  void theFirstTokenOfARepeatedPromptNeedsNoPassAfterARestart(int length) {
    Request request = Request.of(prompt(1, length), 1).withIgnoreEndTokens(true);
    Answer first;
    try (Engine engine = start(model(), EAGER)) {
      first = ask(engine, request);
    }
    FakeLm lm = model();
    try (Engine engine = start(lm, EAGER)) {
      long rows = lm.rowsComputed; // of measuring
      assertThat(ask(engine, request)).isEqualTo(first);
      assertThat(lm.rowsComputed).isEqualTo(rows);
      assertThat(engine.stats().computedTokens()).isZero();
      assertThat(engine.stats().repeatedPrompts()).isOne();
      assertThat(engine.stats().usedBlocks()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 48, 200})
  void theRestOfTheAnswerComputesOnlyWhatFillsNoBlock(int length) {
    Request request = Request.of(prompt(2, length), 3).withIgnoreEndTokens(true);
    try (Engine engine = start(model(), EAGER)) {
      ask(engine, request);
    }
    try (Engine engine = start(model(), EAGER)) {
      TokenStream stream = engine.submit(request);
      while (engine.step()) {
        // until it is answered
      }
      int stored = (length - 1) / 16 * 16;
      assertThat(stream.usage().cachedTokens()).isEqualTo(stored);
      assertThat(stream.usage().loadedTokens()).isEqualTo(stored);
      assertThat(Answers.readOne(stream)).isEqualTo(Answers.expected(request, 0, CONTEXT));
      assertThat(engine.stats().loadedTokens()).isEqualTo(stored);
      // The part after the last whole block, the first token and the second.
      assertThat(engine.stats().computedTokens()).isEqualTo(length - stored + 2);
    }
  }

  @Test
  void aLongerPromptStartsFromWhatIsStored() {
    int[] tokens = prompt(3, 150);
    try (Engine engine = start(model(), EAGER)) {
      ask(engine, Request.of(Arrays.copyOf(tokens, 100), 1));
    }
    try (Engine engine = start(model(), EAGER)) {
      Request longer = Request.of(tokens, 5);
      assertThat(ask(engine, longer)).isEqualTo(Answers.expected(longer, 0, CONTEXT));
      assertThat(engine.stats().loadedTokens()).isEqualTo(96);
      assertThat(engine.stats().repeatedPrompts()).isZero();
    }
  }

  @Test
  void nothingIsReadWhereComputingIsFaster() {
    var slow = new KvTiers.Policy(Runnable::run, (read, compute) -> false);
    Request request = Request.of(prompt(4, 100), 4);
    try (Engine engine = start(model(), slow)) {
      ask(engine, request);
    }
    try (Engine engine = start(model(), slow)) {
      assertThat(ask(engine, request)).isEqualTo(Answers.expected(request, 0, CONTEXT));
      assertThat(disk(engine).hits()).isZero();
      assertThat(disk(engine).passedOver()).isOne();
    }
  }

  @Test
  void noTenantFindsWhatAnotherHasStored() {
    Request request = Request.of(prompt(5, 100), 4).withCacheSalt("one");
    try (Engine engine = start(model(), EAGER)) {
      ask(engine, request);
    }
    try (Engine engine = start(model(), EAGER)) {
      for (String other : new String[] {"another", "", "one "}) {
        Request same = request.withCacheSalt(other);
        assertThat(ask(engine, same)).isEqualTo(Answers.expected(same, 0, CONTEXT));
      }
      assertThat(disk(engine).hits() + disk(engine).misses()).isZero();
      ask(engine, request);
      assertThat(disk(engine).hits()).isEqualTo(7); // six blocks and the logits
    }
  }

  @Test
  void otherWeightsAndOtherTypesOfCacheShareNothing() {
    Request request = Request.of(prompt(6, 100), 4);
    try (Engine engine = start(model(), EAGER)) {
      ask(engine, request);
    }
    var other = new FakeLm(CONTEXT, 512, ModelInfo.Pooling.NONE, "4567");
    try (Engine engine = start(other, EAGER)) {
      ask(engine, request);
      assertThat(disk(engine).hits() + disk(engine).misses()).isZero();
    }
  }

  @Test
  void workersBesideEachOtherReadWhatTheOtherWrote() {
    Request request = Request.of(prompt(7, 100), 4);
    try (Engine one = start(model(), EAGER)) {
      ask(one, request);
    }
    try (Engine two = start(model(), EAGER);
        Engine three = start(model(), EAGER)) {
      for (Engine engine : new Engine[] {two, three}) {
        assertThat(ask(engine, request)).isEqualTo(Answers.expected(request, 0, CONTEXT));
        assertThat(engine.stats().loadedTokens()).isEqualTo(96);
      }
    }
  }

  @Test
  void aFolderThatCannotBeMadeCostsOnlyTheCache() throws IOException {
    Files.writeString(folder.resolve("kv"), "a file where the folder should be");
    Request request = Request.of(prompt(8, 100), 4);
    try (Engine engine = start(model(), EAGER)) {
      assertThat(ask(engine, request)).isEqualTo(Answers.expected(request, 0, CONTEXT));
      assertThat(engine.stats().failed()).isZero();
    }
    assertThat(folder.resolve("kv")).hasContent("a file where the folder should be");
  }

  @Test
  void anAbortWhileItsBlocksAreBeingReadFreesThemOnceTheReaderIsDone() {
    Request request = Request.of(prompt(9, 100), 4);
    try (Engine engine = start(model(), EAGER)) {
      ask(engine, request);
    }
    var reads = new ArrayDeque<Runnable>();
    try (Engine engine = start(model(), new KvTiers.Policy(reads::add, (read, compute) -> true))) {
      TokenStream stream = engine.submit(request);
      engine.step();
      assertThat(engine.stats().usedBlocks()).isEqualTo(6);
      stream.close();
      engine.step();
      assertThat(engine.stats().aborted()).isOne();
      assertThat(engine.stats().usedBlocks()).isEqualTo(6); // the reader still writes to them
      reads.removeFirst().run();
      engine.step();
      assertThat(engine.stats().usedBlocks()).isZero();
    }
  }
}
