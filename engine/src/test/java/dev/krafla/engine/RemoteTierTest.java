package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krafla.engine.Answers.Answer;
import dev.krafla.engine.kvstore.DiskStore;
import dev.krafla.engine.kvstore.KvStore;
import dev.krafla.engine.kvstore.KvTierStats;
import dev.krafla.engine.kvstore.remote.RemoteAddress;
import dev.krafla.engine.kvstore.remote.RemoteConfig;
import dev.krafla.engine.kvstore.remote.RemoteStore;
import dev.krafla.kernels.KvType;
import dev.krafla.testing.RedisServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Engines beside each other over one Redis or Valkey server, where the machine has one. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RemoteTierTest {
  private static final int CONTEXT = 256;
  private static final KvTiers.Choice ALWAYS = (read, compute) -> true;

  /** Whatever is there is read, and read before the engine turns again. */
  private static final KvTiers.Policy EAGER = new KvTiers.Policy(Runnable::run, ALWAYS);

  @TempDir Path folder;
  private final Logger log = Logger.getLogger("dev.krafla.engine");

  @BeforeEach
  void needAServer() {
    assumeTrue(
        RedisServer.find().isPresent(), "no valkey-server or redis-server; install one of them");
    log.setLevel(Level.OFF); // of the failures that are meant
  }

  @AfterEach
  void logAgain() {
    log.setLevel(null);
  }

  private static RemoteStore remote(RedisServer server, Duration timeout) {
    return RemoteStore.open(
        RemoteConfig.of(RemoteAddress.parse(server.url()))
            .withTimes(timeout, Duration.ofMillis(2)));
  }

  private static RemoteStore remote(RedisServer server) {
    return remote(server, Duration.ofSeconds(20));
  }

  private static Engine start(KvTiers.Policy policy, KvStore... stores) {
    return start(policy, 64, stores);
  }

  private static Engine start(KvTiers.Policy policy, int blocks, KvStore... stores) {
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvType(KvType.F32)
            .withKvBytes(FakeLm.kvBytes(blocks))
            .withKvStores(stores);
    return Engine.unstarted(new FakeLm(CONTEXT, 512), new FakeTokenizer(), config, policy);
  }

  private static Request request(int seed, int length) {
    int[] prompt = new SplittableRandom(seed).ints(length, 1, FakeLm.VOCAB).toArray();
    return Request.of(prompt, 4).withIgnoreEndTokens(true);
  }

  private static Answer ask(Engine engine, Request request) {
    TokenStream stream = engine.submit(request);
    while (engine.step()) {
      // until it is answered
    }
    return Answers.readOne(stream);
  }

  private static void assertRight(Engine engine, Request request) {
    assertThat(ask(engine, request)).isEqualTo(Answers.expected(request, 0, CONTEXT));
  }

  private static KvTierStats tier(Engine engine, int i) {
    return engine.stats().tiers().get(i);
  }

  /** The engine writes behind: waits until the server has so many. */
  private static void awaitEntries(RedisServer server, long entries) {
    while ((long) server.ask("DBSIZE") < entries) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void theSecondWorkerGetsWhatTheFirstHasComputed() {
    Request request = request(1, 100);
    try (RedisServer server = RedisServer.start();
        Engine one = start(EAGER, remote(server));
        Engine two = start(EAGER, remote(server))) {
      assertRight(one, request);
      assertThat(tier(one, 0).misses()).isEqualTo(2); // the logits and the first block
      awaitEntries(server, 7); // six blocks and the logits
      TokenStream stream = two.submit(request);
      while (two.step()) {
        // until it is answered
      }
      assertThat(stream.usage().loadedTokens()).isEqualTo(96);
      assertThat(Answers.readOne(stream)).isEqualTo(Answers.expected(request, 0, CONTEXT));
      assertThat(two.stats().repeatedPrompts()).isOne();
      assertThat(two.stats().computedTokens()).isEqualTo(7); // the last four, and three drawn
      assertThat(tier(two, 0).hits()).isEqualTo(7);
      assertThat(tier(two, 0).bytesWritten()).isZero();
    }
  }

  @Test
  void aLongerPromptOfTheSecondWorkerStartsFromThere() {
    Request longer = request(2, 150);
    Request shorter = Request.of(Arrays.copyOf(longer.prompt(), 100), 1);
    try (RedisServer server = RedisServer.start();
        Engine one = start(EAGER, remote(server));
        Engine two = start(EAGER, remote(server))) {
      ask(one, shorter);
      awaitEntries(server, 7);
      assertRight(two, longer);
      assertThat(two.stats().loadedTokens()).isEqualTo(96);
    }
  }

  @Test
  void whatComesFromFarIsKeptNearToo() {
    Request request = request(3, 100);
    try (RedisServer server = RedisServer.start()) {
      try (Engine one = start(EAGER, remote(server))) {
        assertRight(one, request);
      }
      awaitEntries(server, 7);
      try (Engine two =
          start(EAGER, DiskStore.open(folder.resolve("kv"), 1 << 20), remote(server))) {
        assertRight(two, request);
        assertThat(tier(two, 0).hits()).isZero();
        assertThat(tier(two, 1).hits()).isEqualTo(7);
      }
      server.kill();
      try (Engine three =
          start(EAGER, DiskStore.open(folder.resolve("kv"), 1 << 20), remote(server))) {
        assertRight(three, request);
        assertThat(tier(three, 0).hits()).isEqualTo(7);
        assertThat(tier(three, 1).available()).isFalse();
      }
    }
  }

  @Test
  void noTenantFindsWhatAnotherHasStored() {
    Request request = request(4, 100).withCacheSalt("one");
    Request tenants = request(4, 100).withTerms(RequestTerms.DEFAULTS.withTenant("acme"));
    try (RedisServer server = RedisServer.start();
        Engine one = start(EAGER, remote(server));
        Engine two = start(EAGER, remote(server))) {
      ask(one, request);
      awaitEntries(server, 7);
      for (Request other : List.of(request.withCacheSalt("two"), request(4, 100), tenants)) {
        assertRight(two, other);
      }
      assertThat(tier(two, 0).hits()).isZero();
      assertRight(two, request);
      assertThat(tier(two, 0).hits()).isEqualTo(7);
    }
  }

  @Test
  void theLoopGoesOnWhileReadersAndWritersWaitForASilentServer() {
    try (RedisServer server = RedisServer.start();
        Engine engine =
            start(
                new KvTiers.Policy(task -> Thread.ofVirtual().start(task), ALWAYS),
                remote(server, Duration.ofHours(1)))) {
      Request running = Request.of(request(5, 40).prompt(), 150).withIgnoreEndTokens(true);
      TokenStream first = engine.submit(running);
      while (engine.stats().generationTokens() == 0) {
        engine.step();
      }
      server.pause();
      TokenStream second = engine.submit(request(6, 100));
      while (engine.stats().finished() == 0) {
        engine.step();
      }
      assertThat(Answers.readOne(first)).isEqualTo(Answers.expected(running, 0, CONTEXT));
      assertThat(engine.stats().usedBlocks()).isEqualTo(6); // the second one's, which waits
      server.goOn();
      while (engine.stats().finished() == 1) {
        engine.step();
      }
      assertThat(Answers.readOne(second)).isEqualTo(Answers.expected(request(6, 100), 0, CONTEXT));
    }
  }

  @Test
  void aRequestWaitsForASilentServerNoLongerThanItsPatience() {
    var impatient =
        new KvTiers.Choice() {
          @Override
          public boolean reads(double readNanos, double computeNanos) {
            return true;
          }

          @Override
          public long patienceNanos(double computeNanos) {
            return 20_000_000;
          }
        };
    try (RedisServer server = RedisServer.start();
        Engine engine =
            start(
                new KvTiers.Policy(Runnable::run, impatient),
                remote(server, Duration.ofHours(1)))) {
      server.pause();
      assertRight(engine, request(7, 100)); // an hour, if it waited for the server
      assertThat(tier(engine, 0).hits()).isZero();
      assertThat(tier(engine, 0).available()).isTrue();
      assertThat(tier(engine, 0).latencySeconds()).isGreaterThan(0.009);
      server.goOn();
    }
  }

  @Test
  void aServerThatIsKilledAgainAndAgainCostsOnlyTime() {
    try (RedisServer server = RedisServer.start();
        Engine one = start(EAGER, 24, remote(server));
        Engine two = start(EAGER, 24, remote(server))) {
      for (int life = 0; life < 6; life++) {
        for (int i = 0; i < 20; i++) {
          if (i == 10) {
            server.kill(); // with entries on their way
          }
          assertRight(i % 2 == 0 ? one : two, request(100 + i / 2, 60 + i));
        }
        server.startAgain();
        while (!(available(one) && available(two))) {
          LockSupport.parkNanos(1_000_000);
        }
      }
      for (Engine engine : List.of(one, two)) {
        assertThat(engine.stats().failed()).isZero();
        assertThat(tier(engine, 0).damaged()).isZero();
        assertThat(engine.stats().usedBlocks()).isZero();
      }
    }
  }

  private static boolean available(Engine engine) {
    engine.step();
    return tier(engine, 0).available();
  }

  @Test
  void everyAnswerIsRightWhateverBecomesOfTheValues() {
    long loaded = 0;
    long damaged = 0;
    try (RedisServer server = RedisServer.start()) {
      for (int seed = 0; seed < 15; seed++) {
        var random = new SplittableRandom(seed);
        // Few blocks, so that they are evicted from memory and read again.
        try (Engine one = start(EAGER, 20, remote(server));
            Engine two = start(EAGER, 20, remote(server))) {
          for (int i = 0; i < 40; i++) {
            int beginning = random.nextInt(4);
            assertRight(
                random.nextBoolean() ? one : two,
                request(beginning, random.nextInt(3) == 0 ? 120 : 1 + random.nextInt(200)));
            if (random.nextInt(4) == 0) {
              damage(server, random);
            }
          }
          for (Engine engine : List.of(one, two)) {
            loaded += engine.stats().loadedTokens();
            damaged += tier(engine, 0).damaged();
            assertThat(engine.stats().usedBlocks()).isZero();
          }
        }
      }
    }
    assertThat(loaded).isGreaterThan(5_000);
    assertThat(damaged).isGreaterThan(20);
  }

  /** Cuts, damages, swaps, prolongs and deletes some of the values. */
  private static void damage(RedisServer server, SplittableRandom random) {
    var keys = new ArrayList<String>();
    for (Object key : (List<?>) server.ask("KEYS", "krafla:*")) {
      keys.add(new String((byte[]) key, StandardCharsets.US_ASCII));
    }
    keys.sort(null);
    for (String key : keys) {
      if (random.nextInt(6) != 0) {
        continue;
      }
      byte[] value = value(server, key);
      switch (random.nextInt(5)) {
        case 0 -> set(server, key, Arrays.copyOf(value, random.nextInt(value.length + 1)));
        case 1 -> {
          if (value.length > 0) {
            value[random.nextInt(value.length)] ^= (byte) (1 << random.nextInt(8));
            set(server, key, value);
          }
        }
        case 2 -> set(server, key, Arrays.copyOf(value, value.length + 1 + random.nextInt(9)));
        case 3 -> set(server, key, value(server, keys.get(random.nextInt(keys.size()))));
        default -> server.ask("DEL", key);
      }
    }
  }

  private static byte[] value(RedisServer server, String key) {
    return server.ask("GET", key) instanceof byte[] bytes ? bytes : new byte[0];
  }

  private static void set(RedisServer server, String key, byte[] value) {
    byte[] name = key.getBytes(StandardCharsets.US_ASCII);
    server.call("SET".getBytes(StandardCharsets.US_ASCII), name, value);
  }
}
