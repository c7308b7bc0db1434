package dev.krafla.bench;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.Spending;
import dev.krafla.gateway.money.AccountId;
import dev.krafla.gateway.money.Balance;
import dev.krafla.gateway.money.Journal;
import dev.krafla.gateway.money.Ledger;
import dev.krafla.gateway.money.LedgerJournal;
import dev.krafla.gateway.money.Payers;
import dev.krafla.gateway.money.Period;
import dev.krafla.gateway.money.Terms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the ledger adds to a request: a reservation on five levels, each with a budget of money and
 * tokens a day and limits per minute, and its settlement. All threads share one organisation, which
 * is the worst case: its lock is the only one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1)
public class LedgerBenchmark {
  private static final long ORGANISATION = 1;
  private static final Caller CALLER =
      new Caller(5, "key", ORGANISATION, Optional.of(2L), Optional.of(3L), Optional.of(4L), "salt");
  private static final Estimate MOST = new Estimate("model", 2_000, 1_000, 3_000_000);
  private static final Spending SPENT =
      new Spending("provider", "model", 1_900, 0, 300, 0, 2_200_000);

  /** Whether reservations are also written down, as in a gateway. */
  @Param({"false", "true"})
  boolean journal;

  private Optional<Journal> written = Optional.empty();
  private Path folder;
  private volatile boolean reading;
  private Thread reader;
  private Ledger ledger;
  private Ledger.Path account;

  /** Opens the accounts. */
  @Setup
  public void open() throws IOException {
    folder = Files.createTempDirectory("krafla-ledger-benchmark");
    if (journal) {
      written = Optional.of(Journal.open(folder, Journal.Sizes.DEFAULT));
    }
    reading = true;
    reader = Thread.ofPlatform().daemon().start(() -> written.ifPresent(this::read));
    LedgerJournal to = written.isPresent() ? written.get() : LedgerJournal.NONE;
    ledger = new Ledger(to, InstantSource.system(), 0);
    ledger.open(ORGANISATION, ZoneOffset.UTC);
    OptionalLong plenty = OptionalLong.of(Long.MAX_VALUE / 2);
    var terms =
        new Terms(List.of(new Terms.Budget(Period.DAY, plenty, plenty)), plenty, plenty, plenty);
    for (AccountId id : Payers.of(CALLER).accounts()) {
      ledger.change(ORGANISATION, id, id.toString(), terms);
    }
    account = ledger.path(CALLER);
  }

  /** What a gateway's writer does, without a database. */
  private void read(Journal from) {
    Journal.Position at = Journal.Position.BEGIN;
    try {
      while (reading) {
        from.prepareAhead();
        Journal.Batch batch = from.read(at, 10_000);
        at = batch.next();
        from.forget(at);
        if (batch.ended().isEmpty()) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One request's part of the ledger. */
  @Benchmark
  public long reserveAndSettle() {
    Reservation reservation = ledger.reserve(account, CALLER, MOST);
    reservation.settle(SPENT);
    return reservation.id();
  }

  /** Everything that was reserved was settled, to the nanodollar. */
  @TearDown
  public void check() throws IOException, InterruptedException {
    reading = false;
    reader.join();
    if (written.isPresent()) {
      written.get().close();
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
    for (AccountId id : Payers.of(CALLER).accounts()) {
      Balance total = ledger.balances(ORGANISATION, id).getLast();
      if (total.reservedNanodollars() != 0
          || total.spentNanodollars() % SPENT.nanodollars() != 0
          || total.spentNanodollars() == 0) {
        throw new IllegalStateException("%s does not add up: %s".formatted(id, total));
      }
    }
  }
}
