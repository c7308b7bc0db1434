package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krafla.engine.kvstore.DiskStore;
import dev.krafla.engine.kvstore.KvStore;
import dev.krafla.engine.kvstore.remote.RemoteAddress;
import dev.krafla.engine.kvstore.remote.RemoteConfig;
import dev.krafla.engine.kvstore.remote.RemoteStore;
import dev.krafla.kernels.KvType;
import dev.krafla.testing.RedisServer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the operator declares is shared between tenants, and nothing else is, in any tier. */
class SharedPrefixesTest {
  private static final int CONTEXT = 256;
  private static final KvTiers.Policy EAGER =
      new KvTiers.Policy(Runnable::run, (read, compute) -> true);

  @TempDir Path folder;

  private final int[] declared = tokens(1, 100); // six blocks and four tokens

  private static int[] tokens(int seed, int length) {
    return new SplittableRandom(seed).ints(length, 1, FakeLm.VOCAB).toArray();
  }

  /** The first {@code shared} declared tokens, then {@code own} of its own. */
  private int[] prompt(int shared, int own, int seed) {
    return IntStream.concat(Arrays.stream(declared, 0, shared), Arrays.stream(tokens(seed, own)))
        .toArray();
  }

  private static Request request(String tenant, int[] prompt) {
    return Request.of(prompt, 3)
        .withIgnoreEndTokens(true)
        .withTerms(RequestTerms.DEFAULTS.withTenant(tenant));
  }

  private Engine start(KvStore... stores) {
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvType(KvType.F32)
            .withKvBytes(FakeLm.kvBytes(128))
            .withSharedPrefixes(SharedPrefixes.of(List.of(declared, tokens(9, 20))))
            .withKvStores(stores);
    return Engine.unstarted(new FakeLm(CONTEXT, 512), new FakeTokenizer(), config, EAGER);
  }

  private static Usage ask(Engine engine, Request request) {
    TokenStream stream = engine.submit(request);
    while (engine.step()) {
      // until it is answered
    }
    assertThat(Answers.readOne(stream)).isEqualTo(Answers.expected(request, 0, CONTEXT));
    return stream.usage();
  }

  @ParameterizedTest
  @CsvSource({
    "100, 50, 96", // whole blocks only
    "97, 50, 96",
    "95, 50, 80", // what follows differs within a block
    "40, 60, 32", // a beginning of what is declared
    "15, 60, 0",
    "0, 60, 0",
  })
  void anotherTenantFindsWhatIsDeclaredAndNoBlockMore(int shared, int own, int found) {
    try (Engine engine = start()) {
      int[] prompt = prompt(shared, own, 7);
      ask(engine, request("one", prompt));
      Usage other = ask(engine, request("two", prompt)); // the very same prompt
      assertThat(other.cachedTokens()).isEqualTo(found);
      assertThat(engine.stats().repeatedPrompts()).isZero(); // its logits are one's alone
      assertThat(ask(engine, request("one", prompt)).cachedTokens())
          .isEqualTo((prompt.length - 1) / 16 * 16);
      assertThat(engine.stats().repeatedPrompts()).isOne();
    }
  }

  @Test
  void thePromptThatIsDeclaredAndNothingElseHasItsLogitsByTenant() {
    try (Engine engine = start()) {
      for (int length : new int[] {96, 100}) { // at a border of blocks, and within one
        int[] prompt = Arrays.copyOf(declared, length);
        long before = engine.stats().repeatedPrompts();
        ask(engine, request("one", prompt));
        ask(engine, request("two", prompt));
        assertThat(engine.stats().repeatedPrompts()).isEqualTo(before);
        ask(engine, request("two", prompt));
        assertThat(engine.stats().repeatedPrompts()).isEqualTo(before + 1);
      }
    }
  }

  @Test
  void answersAreTheirTenantsEvenWhereTheyContinueWhatIsDeclared() {
    try (Engine engine = start()) {
      Request one = request("one", prompt(40, 0, 0));
      TokenStream stream = engine.submit(one.withIgnoreEndTokens(true));
      while (engine.step()) {
        // until it is answered
      }
      assertThat(stream.usage().cachedTokens()).isZero();
      Usage two = ask(engine, request("two", declared));
      assertThat(two.cachedTokens()).isEqualTo(32);
    }
  }

  @Test
  void saltsOfOneTenantShareWhatIsDeclaredToo() {
    try (Engine engine = start()) {
      ask(engine, request("one", prompt(100, 50, 7)).withCacheSalt("a"));
      Usage other = ask(engine, request("one", prompt(100, 50, 7)).withCacheSalt("b"));
      assertThat(other.cachedTokens()).isEqualTo(96);
    }
  }

  @Test
  void noMoreComesFromDiskEither() {
    int[] prompt = prompt(100, 60, 7);
    try (Engine engine = start(DiskStore.open(folder.resolve("kv"), 1 << 24))) {
      ask(engine, request("one", prompt));
    }
    try (Engine engine = start(DiskStore.open(folder.resolve("kv"), 1 << 24))) {
      Usage two = ask(engine, request("two", prompt));
      assertThat(two.loadedTokens()).isEqualTo(96);
      assertThat(engine.stats().repeatedPrompts()).isZero();
      Usage one = ask(engine, request("one", prompt));
      assertThat(one.cachedTokens()).isEqualTo(144);
      assertThat(engine.stats().repeatedPrompts()).isOne();
    }
  }

  @Test
  void noMoreComesFromASharedServerEither() {
    assumeTrue(
        RedisServer.find().isPresent(), "no valkey-server or redis-server; install one of them");
    int[] prompt = prompt(100, 60, 7);
    try (RedisServer server = RedisServer.start()) {
      RemoteConfig config = RemoteConfig.of(RemoteAddress.parse(server.url()));
      try (Engine engine = start(RemoteStore.open(config))) {
        ask(engine, request("one", prompt));
      }
      try (Engine engine = start(RemoteStore.open(config))) {
        assertThat(ask(engine, request("two", prompt)).loadedTokens()).isEqualTo(96);
        assertThat(engine.stats().repeatedPrompts()).isZero();
      }
      try (Engine engine = start(RemoteStore.open(config))) {
        assertThat(ask(engine, request("one", prompt)).loadedTokens()).isEqualTo(144);
        assertThat(engine.stats().repeatedPrompts()).isOne();
      }
    }
  }

  @Test
  void aHitNeverCoversMoreThanTenantOrDeclarationAllow() {
    var random = new SplittableRandom(3);
    String[] tenants = {"", "one", "two"};
    for (int run = 0; run < 40; run++) {
      try (Engine engine = start()) {
        int[][] asked = new int[12][];
        String[] by = new String[asked.length];
        for (int i = 0; i < asked.length; i++) {
          asked[i] = prompt(random.nextInt(101), 1 + random.nextInt(60), random.nextInt(2));
          by[i] = tenants[random.nextInt(tenants.length)];
          int blocks = 0; // tokens of whole blocks: these are found
          int allowed = 0; // beside them, the beginning of a block of one's own
          for (int j = 0; j < i; j++) {
            int same = common(asked[i], asked[j]);
            int open = by[i].equals(by[j]) ? same : Math.min(same, common(asked[i], declared));
            int most = Math.min(open, asked[i].length - 1);
            blocks = Math.max(blocks, most / 16 * 16);
            allowed = Math.max(allowed, by[i].equals(by[j]) ? most : most / 16 * 16);
          }
          assertThat(ask(engine, request(by[i], asked[i])).cachedTokens())
              .as("run %d, request %d", run, i)
              .isBetween(blocks, allowed);
        }
      }
    }
  }

  private static int common(int[] a, int[] b) {
    int differ = Arrays.mismatch(a, b);
    return differ < 0 ? Math.min(a.length, b.length) : differ;
  }
}
