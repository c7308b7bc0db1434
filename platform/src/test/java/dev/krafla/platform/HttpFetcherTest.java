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
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpFetcherTest {
  private static final byte[] FILE = FileServer.ggufLike(3_000_000, 1);
  private static final HttpFetcher.Retry HASTY =
      new HttpFetcher.Retry(3, 2, Duration.ofMillis(1), Duration.ofMillis(500));

  @TempDir private Path folder;
  private final FileServer server = new FileServer();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void fetchesAFileInOneRequest() throws Exception {
    server.put("/a.gguf", FILE);

    Fetched fetched = fetch("/a.gguf");

    assertThat(fetched.part()).hasBinaryContent(FILE);
    assertThat(fetched.fileName()).isEqualTo("a.gguf");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void goesOnWithTheMissingBytesWhenTheConnectionIsCut() throws Exception {
    server.put("/a.gguf", FILE);
    server.cutOnceAfter(1_000_000, () -> {});

    Fetched fetched = fetch("/a.gguf");

    assertThat(fetched.part()).hasBinaryContent(FILE);
    List<FileServer.Seen> requests = server.requests();
    assertThat(requests).hasSize(2);
    assertThat(requests.get(1).range())
        .hasValueSatisfying(range -> assertThat(range).matches("bytes=[1-9]\\d*-"));
  }

  @Test
  void goesOnWithTheMissingBytesWhenTheServerFallsSilent() throws Exception {
    server.put("/a.gguf", FILE);
    var tested = new CountDownLatch(1);
    server.cutOnceAfter(1_000_000, () -> await(tested));

    Fetched fetched = fetch("/a.gguf");
    tested.countDown();

    assertThat(fetched.part()).hasBinaryContent(FILE);
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void goesOnWhereAnEarlierProcessStopped() throws Exception {
    server.put("/a.gguf", FILE);
    leavePart("/a.gguf", 1_234_567);

    Fetched fetched = fetch("/a.gguf");

    assertThat(fetched.part()).hasBinaryContent(FILE);
    assertThat(server.requests().getLast().range()).contains("bytes=1234567-");
  }

  @Test
  void takesAPartThatIsWholeAlready() throws Exception {
    server.put("/a.gguf", FILE);
    leavePart("/a.gguf", FILE.length);

    assertThat(fetch("/a.gguf").part()).hasBinaryContent(FILE);
  }

  @Test
  void startsAfreshWhenTheFileHasChangedSince() throws Exception {
    server.put("/a.gguf", FileServer.ggufLike(2_000_000, 2));
    leavePart("/a.gguf", 1_000_000);
    server.put("/a.gguf", FILE);
    server.changeVersion();

    assertThat(fetch("/a.gguf").part()).hasBinaryContent(FILE);
  }

  @Test
  void neverJoinsBytesOfTwoSources() throws Exception {
    server.put("/a.gguf", FileServer.ggufLike(2_000_000, 2));
    server.put("/b.gguf", FILE);
    leavePart("/a.gguf", 1_000_000);

    assertThat(fetch("/b.gguf").part()).hasBinaryContent(FILE);
    assertThat(server.requests().getLast().range()).isEmpty();
  }

  @Test
  void retriesWhileTheServerIsBusyAndKeepsNothingOfItsExcuses() throws Exception {
    var calls = new int[1];
    server.on(
        "/a.gguf",
        exchange -> {
          calls[0]++;
          byte[] answer = calls[0] < 3 ? "busy".getBytes(UTF_8) : FILE;
          exchange.sendResponseHeaders(calls[0] < 3 ? 503 : 200, answer.length);
          exchange.getResponseBody().write(answer);
        });

    assertThat(fetch("/a.gguf").part()).hasBinaryContent(FILE);
  }

  @Test
  void saysSoWhenTheFileDoesNotExist() {
    assertThatThrownBy(() -> fetch("/none.gguf"))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("/none.gguf does not exist");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void saysWhatToDoWhenTheFileNeedsPermission() {
    server.on("/gated.gguf", exchange -> exchange.sendResponseHeaders(401, -1));

    assertThatThrownBy(() -> fetch("/gated.gguf"))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("HF_TOKEN");
  }

  @Test
  void givesUpSoonWhereNobodyListens() {
    String gone = server.url("/a.gguf");
    server.close();

    assertThatThrownBy(() -> fetch(new HttpFetcher(Map.of(), HASTY), ModelSource.parse(gone)))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("no connection");
  }

  @Test
  void sendsTheTokenToTheHubAndNotToWhereItRedirects() throws Exception {
    server.on(
        "/org/repo/resolve/main/m.gguf",
        exchange -> {
          exchange.getResponseHeaders().set("Location", server.otherUrl("/blob"));
          exchange.getResponseHeaders().set("X-Linked-ETag", "\"" + Digests.sha256(FILE) + "\"");
          exchange.sendResponseHeaders(302, -1);
        });
    server.put("/blob", FILE);
    var fetcher =
        new HttpFetcher(Map.of("HF_ENDPOINT", server.url(""), "HF_TOKEN", "secret"), HASTY);

    Fetched fetched = fetch(fetcher, ModelSource.parse("hf:org/repo/m.gguf"));

    assertThat(fetched.part()).hasBinaryContent(FILE);
    assertThat(fetched.sha256()).contains(Digests.sha256(FILE));
    assertThat(server.requests())
        .extracting(FileServer.Seen::authorization)
        .containsExactly(Optional.of("Bearer secret"), Optional.empty());
  }

  private Fetched fetch(String path) throws Exception {
    return fetch(new HttpFetcher(Map.of(), HASTY), ModelSource.parse(server.url(path)));
  }

  private Fetched fetch(HttpFetcher fetcher, ModelSource source) throws Exception {
    return fetcher.fetch((ModelSource.Http) source, part(), Progress.NONE);
  }

  /** Leaves what a killed process would: a part of {@code path}, and where it came from. */
  private void leavePart(String path, int bytes) throws IOException {
    server.cutOnceAfter(Math.min(bytes, FILE.length - 1), () -> {});
    var once = new HttpFetcher(Map.of(), new HttpFetcher.Retry(1, 1, Duration.ZERO, HASTY.stall()));
    assertThatThrownBy(() -> fetch(once, ModelSource.parse(server.url(path))))
        .isInstanceOf(FetchException.class);
    Files.write(part(), Arrays.copyOf(server.file(path), bytes));
  }

  private Path part() {
    return folder.resolve("model.part");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
