package dev.krafla.serving.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.engine.EndedRequest;
import dev.krafla.engine.EndedRequest.Outcome;
import dev.krafla.engine.RequestTerms;
import dev.krafla.engine.RequestWork;
import dev.krafla.engine.ServiceClass;
import dev.krafla.engine.Usage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerFileTest {
  private static final PriceTable PRICES =
      new PriceTable(Map.of("w1", new BigDecimal("0.01"), PriceTable.ANY, BigDecimal.ONE));

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("requests.jsonl");
  }

  private static LedgerEntry entry(int i) {
    var work = new RequestWork(i + 7, 4, 2, Duration.ofNanos(1_500_000_000L + i), 4096);
    var usage =
        new Usage(100 + i, 48, 16, 20, Duration.ofMillis(3), Duration.ofMillis(30), 1, work);
    RequestTerms terms =
        new RequestTerms(
            "req-" + i, "tenant \"" + i % 3 + "\"", ServiceClass.BATCH, Optional.empty());
    return LedgerEntry.of(
        new EndedRequest(terms, Outcome.FINISHED, true, usage),
        "model",
        "w1",
        PRICES,
        Instant.parse("2026-11-24T10:00:00Z"));
  }

  private List<LedgerEntry> read() throws IOException {
    var entries = new ArrayList<LedgerEntry>();
    LedgerReader.read(file, entries::add);
    return entries;
  }

  @Test
  void whatIsWrittenIsReadAgainWordForWord() throws IOException {
    try (LedgerFile ledger = LedgerFile.open(file, 1 << 20, 2)) {
      for (int i = 0; i < 100; i++) {
        ledger.add(entry(i));
      }
    }
    try (LedgerFile ledger = LedgerFile.open(file, 1 << 20, 2)) {
      ledger.add(entry(100));
    }
    List<LedgerEntry> entries = read();
    for (int i = 0; i <= 100; i++) {
      assertThat(entries.get(i)).isEqualTo(entry(i));
    }
    assertThat(entries).hasSize(101);
    assertThat(entries.getFirst().euro()).isEqualByComparingTo("0.015");
    assertThat(entries.getFirst().memoryTokens()).isEqualTo(32);
  }

  @Test
  void otherPricesGiveOtherSums() {
    LedgerEntry dear = entry(0).at(new PriceTable(Map.of("w1", BigDecimal.TEN)));

    assertThat(dear.euro()).isEqualByComparingTo("15");
    assertThat(entry(0).at(PriceTable.FREE).euro()).isEqualByComparingTo("0");
  }

  @Test
  void aFileThatIsFullMakesRoomAndTheOldestGoes() throws IOException {
    long line = Files.size(oneLine());
    try (LedgerFile ledger = LedgerFile.open(file, 10 * line, 2)) {
      for (int i = 10; i < 99; i++) {
        ledger.add(entry(i));
      }
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "requests.jsonl", "requests.jsonl.1", "requests.jsonl.2", "one.jsonl");
    }
    assertThat(Files.size(file.resolveSibling("requests.jsonl.1"))).isLessThanOrEqualTo(10 * line);
    List<LedgerEntry> entries = read();
    assertThat(entries.size()).isBetween(20, 30);
    for (int i = 0; i < entries.size(); i++) { // the newest, in order, without a gap
      assertThat(entries.get(i)).isEqualTo(entry(99 - entries.size() + i));
    }
  }

  private Path oneLine() throws IOException {
    Path one = folder.resolve("one.jsonl");
    try (LedgerFile ledger = LedgerFile.open(one, 1 << 20, 0)) {
      ledger.add(entry(10));
    }
    return one;
  }

  @Test
  void aLineThatACrashHasCutOffIsPassedOverAndTheNextIsWhole() throws IOException {
    long line = Files.size(oneLine());
    byte[] bytes = Files.readAllBytes(folder.resolve("one.jsonl"));
    for (int length = 1; length < line; length += 13) {
      Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
      Files.write(file, Arrays.copyOf(bytes, length), StandardOpenOption.APPEND);
      try (LedgerFile ledger = LedgerFile.open(file, 1 << 20, 0)) {
        ledger.add(entry(10));
      }
      var entries = new ArrayList<LedgerEntry>();
      LedgerReader.Gaps gaps = LedgerReader.read(file, entries::add);
      assertThat(entries).as("cut after %d", length).containsExactly(entry(10), entry(10));
      assertThat(gaps.brokenLines()).isEqualTo(1);
    }
  }

  @Test
  void twoProcessesDoNotWriteTheSameLedger() throws IOException {
    try (LedgerFile _ = LedgerFile.open(file, 1 << 20, 0)) {
      assertThatThrownBy(() -> LedgerFile.open(file, 1 << 20, 0))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("writes");
    }
  }

  @Test
  void damagedLedgersAreReadAsFarAsTheyGo() throws IOException {
    try (LedgerFile ledger = LedgerFile.open(file, 1 << 20, 0)) {
      for (int i = 0; i < 50; i++) {
        ledger.add(entry(i));
      }
    }
    byte[] whole = Files.readAllBytes(file);
    for (int seed = 0; seed < 300; seed++) {
      byte[] damaged = whole.clone();
      var random = new SplittableRandom(seed);
      for (int i = 0; i < 5; i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, damaged);
      var entries = new ArrayList<LedgerEntry>();
      LedgerReader.Gaps gaps = LedgerReader.read(file, entries::add);
      assertThat(entries.size()).as("seed %d", seed).isGreaterThanOrEqualTo(40);
      assertThat(gaps.brokenLines()).isLessThanOrEqualTo(10);
    }
  }

  /** Writes entries until it is killed; says how many it has handed over. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      LedgerFile ledger = LedgerFile.open(Path.of(args[0]), 1 << 30, 0);
      for (int i = 0; ; i++) {
        ledger.add(entry(i));
        if (i % 100 == 99) {
          LockSupport.parkNanos(2_000_000); // a busy worker's pace
          System.out.println(i + 1);
        }
      }
    }
  }

  @Test
  void aLedgerSurvivesKillNine() throws IOException, InterruptedException {
    for (int round = 1; round <= 3; round++) {
      Files.deleteIfExists(file);
      byte[] written = killAt(round * 100_000L);
      try (LedgerFile ledger = LedgerFile.open(file, 1 << 30, 0)) {
        ledger.add(entry(-1));
      }
      // What was in the file is there still; each line is whole but for one, and in order.
      assertThat(Files.readAllBytes(file)).startsWith(written);
      var entries = new ArrayList<LedgerEntry>();
      LedgerReader.Gaps gaps = LedgerReader.read(file, entries::add);
      assertThat(gaps.brokenLines()).isLessThanOrEqualTo(1);
      assertThat(entries.getLast()).isEqualTo(entry(-1));
      int last = -1;
      for (LedgerEntry entry : entries.subList(0, entries.size() - 1)) {
        int number = Integer.parseInt(entry.id().substring("req-".length()));
        assertThat(entry).isEqualTo(entry(number));
        assertThat(number).isGreaterThan(last);
        last = number;
      }
      assertThat(entries.size() + gaps.dropped()).isGreaterThan(last);
    }
  }

  /** Kills a writer when its file has so many bytes; gives what it held then. */
  private byte[] killAt(long bytes) throws IOException, InterruptedException {
    String own = System.getProperty("java.class.path");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("surefire.test.class.path", own),
                Child.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    byte[] written = {};
    try (var out = child.inputReader()) {
      while (!Files.exists(file) || Files.size(file) < bytes) {
        assertThat(out.readLine()).isNotNull();
      }
      written = Files.readAllBytes(file);
    } finally {
      child.destroyForcibly(); // SIGKILL
    }
    assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return written;
  }
}
