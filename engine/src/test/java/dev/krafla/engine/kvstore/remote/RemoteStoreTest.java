package dev.krafla.engine.kvstore.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.kvstore.KvStore;
import dev.krafla.testing.RedisServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server, where the machine has one. */
class RemoteStoreTest {
  private static final int BYTES = 100_000;

  private final Logger logger = Logger.getLogger("dev.krafla.engine.kvstore.remote");
  private final List<String> log = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          synchronized (log) {
            log.add(new java.util.logging.SimpleFormatter().formatMessage(record));
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void needAServer() {
    assumeTrue(
        RedisServer.find().isPresent(), "no valkey-server or redis-server; install one of them");
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void logAsBefore() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  private static RemoteConfig config(String url) {
    return RemoteConfig.of(RemoteAddress.parse(url))
        .withTimes(Duration.ofSeconds(10), Duration.ofMillis(5));
  }

  private static KvKey key(int i) {
    return new KvKey(~i, i);
  }

  private static String name(int i) {
    return "krafla:kv:" + key(i).hex();
  }

  private static ByteBuffer content(int i) {
    ByteBuffer content = ByteBuffer.allocateDirect(BYTES);
    while (content.hasRemaining()) {
      content.putInt(i * content.position());
    }
    return content.flip();
  }

  private static boolean reads(KvStore store, int i) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(64);
    ByteBuffer rest = ByteBuffer.allocateDirect(BYTES - 64);
    if (!store.read(key(i), new ByteBuffer[] {head, rest}, Long.MAX_VALUE)) {
      return false;
    }
    ByteBuffer all = ByteBuffer.allocate(BYTES).put(head.flip()).put(rest.flip()).flip();
    assertThat(all).isEqualTo(content(i));
    return true;
  }

  @Test
  void aSecondWorkerReadsWhatTheFirstWrote() throws IOException {
    try (RedisServer server = RedisServer.start();
        RemoteStore one = RemoteStore.open(config(server.url() + "/2"));
        RemoteStore two = RemoteStore.open(config(server.url() + "/2"));
        RemoteStore elsewhere = RemoteStore.open(config(server.url() + "/3"))) {
      assertThat(one.mayHold(key(1))).isTrue();
      assertThat(one.holds(key(1))).isFalse();
      assertThat(one.write(key(1), content(1))).isTrue();
      assertThat(one.holds(key(1))).isTrue();
      assertThat(one.bytes()).isEqualTo(BYTES);
      assertThat(two.mayHold(key(1))).isTrue();
      assertThat(reads(two, 1)).isTrue();
      assertThat(two.holds(key(1))).isTrue();
      assertThat(reads(two, 2)).isFalse();
      assertThat(two.mayHold(key(2))).isFalse(); // for a second
      assertThat(reads(elsewhere, 1)).isFalse();
    }
  }

  @Test
  void whatAnotherWorkerHasWrittenIsNotSentAgain() throws IOException {
    try (RedisServer server = RedisServer.start();
        RemoteStore one = RemoteStore.open(config(server.url()));
        RemoteStore two = RemoteStore.open(config(server.url()))) {
      assertThat(one.write(key(1), content(1))).isTrue();
      assertThat(two.write(key(1), content(1))).isFalse();
      assertThat(two.holds(key(1))).isTrue();
    }
  }

  @Test
  void entriesExpireUnlessTheyAreUsed() throws IOException {
    try (RedisServer server = RedisServer.start();
        RemoteStore store =
            RemoteStore.open(config(server.url()).withTtl(Duration.ofSeconds(1000)));
        RemoteStore forever = RemoteStore.open(config(server.url()).withTtl(Duration.ZERO))) {
      store.write(key(1), content(1));
      assertThat((long) server.ask("TTL", name(1))).isBetween(990L, 1000L);
      server.ask("EXPIRE", name(1), "10");
      assertThat(reads(store, 1)).isTrue();
      assertThat((long) server.ask("TTL", name(1))).isBetween(990L, 1000L);
      server.ask("EXPIRE", name(1), "10");
      assertThat(store.write(key(1), content(1))).isFalse();
      assertThat((long) server.ask("TTL", name(1))).isBetween(990L, 1000L);
      forever.write(key(2), content(2));
      assertThat(server.ask("TTL", name(2))).isEqualTo(-1L);
      assertThat(reads(forever, 2)).isTrue();
    }
  }

  @Test
  void aValueOfAnotherLengthOrTypeIsAMissAndReplaced() throws IOException {
    try (RedisServer server = RedisServer.start();
        RemoteStore store = RemoteStore.open(config(server.url()))) {
      server.ask("SET", name(1), "short");
      server.call(
          "SET".getBytes(StandardCharsets.US_ASCII),
          name(2).getBytes(StandardCharsets.US_ASCII),
          new byte[5_000_000]);
      server.ask("LPUSH", name(3), "a list");
      for (int i = 1; i <= 3; i++) {
        assertThat(reads(store, i)).as("%d", i).isFalse();
        assertThat(server.ask("EXISTS", name(i))).isEqualTo(0L);
        assertThat(store.isAvailable()).isTrue();
        assertThat(store.write(key(i), content(i))).isTrue();
        assertThat(reads(store, i)).isTrue();
      }
      server.ask("SET", name(4), "torn");
      assertThat(store.write(key(4), content(4))).isTrue(); // not taken for the same
      assertThat(reads(store, 4)).isTrue();
      store.remove(key(4));
      assertThat(reads(store, 4)).isFalse();
    }
  }

  @Test
  void connectionsThatTheServerHasClosedAreReplaced() throws IOException {
    try (RedisServer server = RedisServer.start();
        RemoteStore store = RemoteStore.open(config(server.url()))) {
      store.write(key(1), content(1));
      server.ask("CLIENT", "KILL", "TYPE", "normal");
      assertThat(reads(store, 1)).isTrue();
      server.ask("CLIENT", "KILL", "TYPE", "normal");
      assertThat(store.write(key(2), content(2))).isTrue();
      assertThat(store.isAvailable()).isTrue();
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aServerThatDiesIsLeftAloneAndFoundAgain() throws IOException {
    try (RedisServer server = RedisServer.start();
        RemoteStore store = RemoteStore.open(config(server.url()))) {
      store.write(key(1), content(1));
      server.kill();
      assertThatThrownBy(() -> reads(store, 1)).isInstanceOf(IOException.class);
      assertThat(store.isAvailable()).isFalse();
      assertThat(store.mayHold(key(1))).isFalse();
      assertThatThrownBy(() -> store.write(key(2), content(2))).isInstanceOf(IOException.class);
      server.startAgain();
      awaitAvailable(store);
      assertThat(store.holds(key(1))).isFalse(); // the server has lost it
      assertThat(reads(store, 1)).isFalse();
      assertThat(store.write(key(1), content(1))).isTrue();
      assertThat(reads(store, 1)).isTrue();
      assertThat(log.getFirst()).contains("left alone", "redis://127.0.0.1:" + server.port());
      assertThat(log.getLast()).contains("works again");
    }
  }

  private static void awaitAvailable(RemoteStore store) {
    while (!store.isAvailable()) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aServerThatIsNotThereAtTheStartIsUsedOnceItIs() throws IOException {
    try (RedisServer server = RedisServer.start()) {
      server.kill();
      try (RemoteStore store = RemoteStore.open(config(server.url()))) {
        assertThat(store.isAvailable() || store.mayHold(key(1))).isFalse();
        server.startAgain();
        awaitAvailable(store);
        assertThat(store.write(key(1), content(1))).isTrue();
      }
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aServerThatIsSilentIsGivenUpAfterTheTimeLimit() throws IOException {
    try (RedisServer server = RedisServer.start();
        RemoteStore store =
            RemoteStore.open(
                config(server.url()).withTimes(Duration.ofMillis(200), Duration.ofMillis(5)))) {
      store.write(key(1), content(1));
      server.pause();
      assertThatThrownBy(() -> reads(store, 1)).hasMessageContaining("longer than 200 ms");
      assertThat(store.mayHold(key(1))).isFalse();
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aFullServerIsReadAndNoMoreWrittenTo() throws IOException {
    try (RedisServer server =
            RedisServer.start("--maxmemory", "20mb", "--maxmemory-policy", "noeviction");
        RemoteStore store = RemoteStore.open(config(server.url()))) {
      store.write(key(1), content(1));
      server.ask("CONFIG", "SET", "maxmemory", "1");
      assertThatThrownBy(() -> store.write(key(2), content(2))).hasMessageContaining("OOM");
      assertThat(store.isAvailable()).isFalse();
      assertThat(store.mayHold(key(1))).isTrue();
      server.ask("CONFIG", "SET", "maxmemory", "20mb");
      awaitAvailable(store);
      assertThat(reads(store, 1)).isTrue();
      assertThat(store.write(key(2), content(2))).isTrue();
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void thePasswordIsSentAndNeverShown() throws IOException {
    try (RedisServer server =
        RedisServer.start(
            "--requirepass", "hunter2", "--user", "krafla", "on", ">hunter3", "~*", "+@all")) {
      RemoteConfig right = config(server.url()).withPassword(Optional.of("hunter2"));
      assertThat(right.toString()).doesNotContain("hunter2");
      try (RemoteStore store = RemoteStore.open(right)) {
        assertThat(store.write(key(1), content(1))).isTrue();
      }
      RemoteAddress user = RemoteAddress.parse("redis://krafla@127.0.0.1:" + server.port());
      try (RemoteStore store =
          RemoteStore.open(RemoteConfig.of(user).withPassword(Optional.of("hunter3")))) {
        assertThat(reads(store, 1)).isTrue();
      }
      for (Optional<String> wrong : List.of(Optional.<String>empty(), Optional.of("hunter4"))) {
        try (RemoteStore store = RemoteStore.open(config(server.url()).withPassword(wrong))) {
          assertThat(store.isAvailable()).isFalse();
        }
      }
      assertThat(String.join("\n", log)).contains("NOAUTH", "WRONGPASS").doesNotContain("hunter");
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void speaksTlsToAServerWhoseCertificateIsTrustedAndToNoOther(@TempDir Path folder)
      throws Exception {
    KeyStore keys = selfSigned(folder.resolve("keys.p12"));
    var pem = Base64.getMimeEncoder(64, new byte[] {'\n'});
    Path certificate =
        Files.writeString(
            folder.resolve("cert.pem"),
            "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
                .formatted(pem.encodeToString(keys.getCertificate("server").getEncoded())));
    Path key =
        Files.writeString(
            folder.resolve("key.pem"),
            "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                .formatted(
                    pem.encodeToString(
                        keys.getKey("server", "secret".toCharArray()).getEncoded())));
    int port = RedisServer.freePort();
    String options =
        "--tls-port %d --tls-cert-file %s --tls-key-file %s --tls-auth-clients no"
            .formatted(port, certificate, key);
    try (RedisServer server = RedisServer.start(options.split(" "))) {
      RemoteConfig strict = config("rediss://localhost:" + port);
      try (RemoteStore store = RemoteStore.open(strict)) {
        assertThat(store.isAvailable()).isFalse(); // nobody vouches for it
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("server", keys.getCertificate("server"));
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      RemoteConfig trusting = strict.withTls(context.getSocketFactory());
      try (RemoteStore store = RemoteStore.open(trusting)) {
        assertThat(store.write(key(1), content(1))).isTrue();
        assertThat(reads(store, 1)).isTrue();
        assertThat(reads(store, 2)).isFalse();
        assertThat(server.ask("STRLEN", name(1))).isEqualTo((long) BYTES);
      }
      RemoteConfig otherName =
          config("rediss://127.0.0.1:" + port).withTls(context.getSocketFactory());
      try (RemoteStore store = RemoteStore.open(otherName)) {
        assertThat(store.isAvailable()).isFalse(); // the certificate is localhost's
      }
    }
  }

  private static KeyStore selfSigned(Path file) throws Exception {
    String options =
        "-genkeypair -alias server -keyalg EC -groupname secp256r1 -dname CN=localhost"
            + " -ext san=dns:localhost -validity 2 -storetype PKCS12 -storepass secret -keystore";
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(options.split(" ")));
    command.add(file.toString());
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    return KeyStore.getInstance(file.toFile(), "secret".toCharArray());
  }
}
