package dev.krafla.gateway.money;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Estimate;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.Spending;
import dev.krafla.store.Database;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real PostgreSQL is killed under load, and comes back. */
class DatabaseAwayTest {
  private static final Caller CALLER =
      new Caller(5, "k", 1, Optional.of(2L), Optional.empty(), Optional.empty(), "salt");

  @TempDir private Path folder;

  private static void await(BooleanSupplier done) {
    while (!done.getAsBoolean()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Test
  @Tag("full") // the first start of a durable server takes long on a busy machine
  @Timeout(120)
  void requestsGoOnWithoutTheDatabaseAndAllIsThereWhenItIsBack() throws Exception {
    var asking = new AtomicBoolean(true);
    var requests = new AtomicLong();
    try (Database database = Database.open(folder.resolve("home"), Map.of());
        DurableLedger durable = open(database)) {
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        callers.add(Thread.ofVirtual().start(() -> ask(durable.ledger(), asking, requests)));
      }
      for (int round = 0; round < 2; round++) {
        await(() -> durable.waiting() == 0 || !durable.databaseIsAway());
        server(database).destroyForcibly();
        await(durable::databaseIsAway);
        long before = requests.get();
        await(() -> requests.get() > before + 500); // nobody waits for it
        await(() -> !durable.databaseIsAway());
      }
      asking.set(false);
      for (Thread caller : callers) {
        caller.join();
      }
      await(() -> durable.waiting() == 0);

      assertThat(count(database, "SELECT count(*) FROM usage")).isEqualTo(requests.get());
      assertThat(count(database, "SELECT sum(nanodollars) FROM usage"))
          .isEqualTo(7 * requests.get());
      assertThat(
              count(
                  database,
                  "SELECT requests FROM spending WHERE level = 'team' AND period = 'total'"))
          .isEqualTo(requests.get());
    }
  }

  /** The server's first process, which is the parent of the one behind every connection. */
  private static ProcessHandle server(Database database) {
    long connection = count(database, "SELECT pg_backend_pid()");
    return ProcessHandle.of(connection).flatMap(ProcessHandle::parent).orElseThrow();
  }

  private DurableLedger open(Database database) throws Exception {
    DurableLedger durable =
        DurableLedger.open(
            database.jdbi(),
            folder.resolve("journal"),
            Journal.Sizes.DEFAULT,
            InstantSource.system(),
            false);
    durable.open(1, ZoneOffset.UTC);
    return durable;
  }

  private static void ask(Ledger ledger, AtomicBoolean asking, AtomicLong requests) {
    Ledger.Path path = ledger.path(CALLER);
    while (asking.get()) {
      Reservation r = ledger.reserve(path, CALLER, new Estimate("m", 10, 10, 70));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      r.settle(new Spending("p", "m", 1, 0, 1, 0, 7));
      requests.incrementAndGet();
    }
  }

  private static long count(Database database, String sql) {
    return database.jdbi().withHandle(h -> h.createQuery(sql).mapTo(Long.class).one());
  }
}
