package dev.krafla.gateway.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.Spending;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final Journal.Sizes SMALL = new Journal.Sizes(1 << 16, 1 << 20);
  private static final Caller CALLER =
      new Caller(5, "k", 1, Optional.of(2L), Optional.empty(), Optional.of(4L), "salt");

  @TempDir private Path folder;

  private static Ledger ledger(Journal journal) {
    var ledger = new Ledger(journal, InstantSource.system(), journal.lastId());
    ledger.open(1, ZoneOffset.UTC);
    return ledger;
  }

  private static Reservation reserve(Ledger ledger) {
    return ledger.reserve(ledger.path(CALLER), CALLER, new Estimate("gemma", 10, 20, 300));
  }

  private static Spending spent(long tokens) {
    return new Spending("openai", "gpt-✔", tokens, 1, tokens, 0, 7 * tokens);
  }

  private static List<Usage> readAll(Journal journal) {
    List<Usage> all = new ArrayList<>();
    Journal.Position at = Journal.Position.BEGIN;
    while (true) {
      Journal.Batch batch = journal.read(at, 7);
      all.addAll(batch.ended());
      if (batch.next().equals(at)) {
        return all;
      }
      at = batch.next();
    }
  }

  @Test
  void whatEndedIsReadBackAsItWas() throws IOException {
    try (Journal journal = Journal.open(folder, SMALL)) {
      Ledger ledger = ledger(journal);
      Reservation first = reserve(ledger);
      reserve(ledger).close();
      first.settle(spent(9));

      assertThat(readAll(journal))
          .singleElement()
          .satisfies(u -> {
            assertThat(u.id()).isEqualTo(first.id());
            assertThat(u.payers()).isEqualTo(Payers.of(CALLER));
            assertThat(u.model()).isEqualTo("gemma");
            assertThat(u.spent()).isEqualTo(spent(9));
            assertThat(u.outcome()).isEqualTo(Usage.Outcome.SETTLED);
          });
    }
  }

  @Test
  void whatWasUnderWayCountsWithTheMostThatItCanHaveTaken() throws IOException {
    long id;
    try (Journal journal = Journal.open(folder, SMALL)) {
      Ledger ledger = ledger(journal);
      reserve(ledger).settle(spent(9));
      reserve(ledger).close();
      id = reserve(ledger).id();
    }
    for (int restarts = 0; restarts < 3; restarts++) {
      try (Journal journal = Journal.open(folder, SMALL)) {
        assertThat(journal.lastId()).isEqualTo(id);
        assertThat(readAll(journal))
            .extracting(u -> u.outcome() + " " + u.tokens() + " " + u.spent().nanodollars())
            .containsExactly("SETTLED 18 63", "UNRESOLVED 30 300");
      }
    }
  }

  @Test
  void segmentsGoWhenAllThatEndedInThemIsElsewhereAndWhatIsUnderWayIsKept() throws IOException {
    long open;
    try (Journal journal = Journal.open(folder, SMALL)) {
      Ledger ledger = ledger(journal);
      open = reserve(ledger).id(); // as long as all that follows
      Journal.Position at = Journal.Position.BEGIN;
      long read = 0;
      for (int i = 0; i < 20_000; i++) { // many times the journal's limit
        reserve(ledger).settle(spent(i % 50));
        if (i % 100 == 0) {
          Journal.Batch batch = journal.read(at, 1_000);
          read += batch.ended().size();
          at = batch.next();
          journal.forget(at);
          journal.prepareAhead();
        }
      }
      assertThat(read).isGreaterThan(10_000);
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files.count()).isLessThan(20);
      }
    }
    try (Journal journal = Journal.open(folder, SMALL)) {
      assertThat(readAll(journal).stream().filter(u -> u.outcome() == Usage.Outcome.UNRESOLVED))
          .extracting(Usage::id)
          .containsExactly(open);
    }
  }

  @Test
  void aFullJournalLetsNoRequestInButTakesTheEndOfEveryOneUnderWay() throws IOException {
    try (Journal journal = Journal.open(folder, SMALL)) {
      Ledger ledger = ledger(journal);
      List<Reservation> open = new ArrayList<>();
      assertThatThrownBy(
              () -> {
                while (true) {
                  Reservation r = reserve(ledger);
                  if (open.size() < 150) {
                    open.add(r);
                  } else {
                    r.settle(spent(1));
                  }
                }
              })
          .isInstanceOf(GatewayRefusal.class)
          .hasMessageContaining("1,048,576 bytes, which is the limit");
      long before = journal.ended();
      open.forEach(r -> r.settle(spent(1)));

      assertThat(journal.ended() - before).isEqualTo(150);
      assertThat(readAll(journal)).hasSize((int) journal.ended());
    }
  }

  @Test
  void aSecondGatewayIsRefusedTheJournal() throws IOException {
    try (Journal _ = Journal.open(folder, SMALL)) {
      assertThatThrownBy(() -> Journal.open(folder, SMALL))
          .hasMessageContaining("another gateway has the journal");
    }
  }

  /** Wherever the file ends or is damaged, what comes before is read, and nothing is made up. */
  @Test
  void aDamagedEndCostsOnlyWhatIsBehindIt() throws IOException {
    var random = new SplittableRandom(3);
    for (int round = 0; round < 60; round++) {
      Path own = Files.createDirectory(folder.resolve("round" + round));
      Map<Long, Spending> settled = new HashMap<>();
      try (Journal journal = Journal.open(own, SMALL)) {
        Ledger ledger = ledger(journal);
        for (int i = 0; i < 40; i++) {
          Reservation r = reserve(ledger);
          Spending s = spent(random.nextLong(1000));
          settled.put(r.id(), s);
          r.settle(s);
        }
      }
      Path file = own.resolve("ledger-000000000001.journal");
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        long at = 16 + random.nextLong(10_000);
        byte[] noise = new byte[1 + random.nextInt(64)];
        random.nextBytes(noise);
        channel.write(ByteBuffer.wrap(noise), at);
      }
      try (Journal journal = Journal.open(own, SMALL)) {
        for (Usage u : readAll(journal)) {
          if (u.outcome() == Usage.Outcome.SETTLED) {
            assertThat(u.spent()).isEqualTo(settled.get(u.id()));
          }
        }
      }
    }
  }
}
