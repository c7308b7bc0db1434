package dev.krafla.gateway.money;

import dev.krafla.gateway.Spending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * A {@link Ledger} that survives: its {@link Journal} on local disk takes what happens as it
 * happens, and a thread of its own carries what has ended to the database, in batches. While the
 * database is away requests go on, and it catches up later.
 *
 * <p>One gateway per database: the database remembers the journal that its money is in, and another
 * is refused.
 */
public final class DurableLedger implements AutoCloseable {
  private static final Logger LOG = System.getLogger(DurableLedger.class.getName());
  private static final int BATCH = 1_000;
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration FORCE = Duration.ofSeconds(1);
  private static final Duration LAST_WORDS = Duration.ofSeconds(10);

  private final Journal journal;
  private final LedgerTables tables;
  private final Ledger ledger;
  private final Map<Long, ZoneId> zones = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread writer;
  private final AtomicLong written = new AtomicLong(); // of the journal's ended records
  private volatile boolean away; // the database
  private Journal.Position position = Journal.Position.BEGIN; // the writer's
  private long forced; // the writer's

  /**
   * Opens a ledger as its last process left it, wherever that was killed.
   *
   * @param folder of the journal: this one belongs to the database
   * @param takeOver the database from another journal that is lost
   * @throws IOException when the journal cannot be opened
   * @throws IllegalStateException when the database belongs to another journal
   */
  public static DurableLedger open(
      Jdbi database, Path folder, Journal.Sizes sizes, InstantSource clock, boolean takeOver)
      throws IOException {
    Journal journal = Journal.open(folder, sizes);
    try {
      var ledger = new DurableLedger(database, journal, clock, takeOver);
      ledger.writer.start();
      return ledger;
    } catch (RuntimeException | Error e) {
      journal.close();
      throw e;
    }
  }

  private DurableLedger(Jdbi database, Journal journal, InstantSource clock, boolean takeOver) {
    this.journal = journal;
    this.tables = new LedgerTables(database, journal.identity());
    tables.claim(takeOver);
    zones.putAll(tables.organisations());
    try {
      while (writeBatch() > 0) {
        // all that earlier processes left, before anything is read
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.ledger = new Ledger(journal, clock, Math.max(journal.lastId(), tables.lastId()));
    zones.forEach(ledger::open);
    restore(clock.instant());
    this.writer = Thread.ofPlatform().name("krafla-ledger").daemon().unstarted(this::write);
  }

  /** Only rows of current periods are read; periods of two zones may begin at one moment. */
  private void restore(Instant now) {
    for (ZoneId zone : Set.copyOf(zones.values())) {
      for (Period period : Period.values()) {
        Instant starts = period.start(now, zone);
        tables.spent(period, starts).stream()
            .filter(s -> zone.equals(zones.get(s.organisationId())))
            .forEach(s ->
                ledger.restore(
                    s.organisationId(), s.account(), period, starts, s.nanodollars(), s.tokens()));
      }
    }
  }

  /** The ledger in memory, which requests reserve from. */
  public Ledger ledger() {
    return ledger;
  }

  /** Opens the book of an organisation that is in the database. */
  public void open(long organisationId, ZoneId zone) {
    zones.put(organisationId, zone);
    ledger.open(organisationId, zone);
  }

  /** Requests that have ended and are not in the database yet. They are in the journal. */
  public long waiting() {
    return Math.max(0, journal.ended() - written.get());
  }

  /** Requests that are under way. */
  public int underWay() {
    return journal.live();
  }

  /** Whether the last attempt to reach the database failed. */
  public boolean databaseIsAway() {
    return away;
  }

  /**
   * Says what an unresolved request did take, by the upstream's own books.
   *
   * @return false when there is no such request
   */
  public boolean resolve(long id, Spending spent) {
    Optional<LedgerTables.Resolved> resolved = tables.resolve(id, spent, this::zone);
    resolved.ifPresent(r -> ledger.correct(r.payers(), r.at(), r.nanodollars(), r.tokens()));
    return resolved.isPresent();
  }

  private ZoneId zone(long organisationId) {
    return zones.getOrDefault(organisationId, ZoneOffset.UTC);
  }

  private void write() {
    boolean open = true;
    while (open) {
      Duration pause = Duration.ZERO;
      try {
        journal.prepareAhead();
        if (writeBatch() < BATCH) {
          pause = PAUSE;
        }
        forceNowAndThen();
        if (away) {
          LOG.log(Level.INFO, "the database is back; the ledger catches up");
          away = false;
        }
      } catch (JdbiException | IllegalStateException | UncheckedIOException | IOException e) {
        if (!away) {
          LOG.log(
              Level.WARNING,
              "what requests cost cannot be written to the database; it waits in the journal: {0}",
              e.getMessage());
          away = true;
        }
        pause = PAUSE_AFTER_FAILURE;
      }
      open = !waitedForClosing(pause);
    }
  }

  private boolean waitedForClosing(Duration pause) {
    try {
      return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  /** Carries the next of what has ended to the database; says how much there was. */
  private int writeBatch() throws IOException {
    Journal.Batch batch = journal.read(position, BATCH);
    if (!batch.ended().isEmpty()) {
      tables.write(batch.ended(), this::zone);
    }
    boolean moved = batch.next().segment() != position.segment();
    position = batch.next();
    written.addAndGet(batch.ended().size());
    if (moved) {
      journal.forget(position);
    }
    return moved ? BATCH : batch.ended().size();
  }

  private void forceNowAndThen() {
    long now = System.nanoTime();
    if (now - forced > FORCE.toNanos()) {
      journal.force();
      forced = now;
    }
  }

  /**
   * Carries what is left to the database, unless that is away: then it waits in the journal for the
   * next start. Requests must have ended.
   */
  @Override
  public void close() throws IOException {
    closing.countDown();
    try {
      writer.join(LAST_WORDS);
      if (!away) {
        writeAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (JdbiException | IllegalStateException e) {
      LOG.log(Level.WARNING, "{0} requests wait in the journal: {1}", waiting(), e.getMessage());
    } finally {
      journal.force();
      journal.close();
    }
  }

  private void writeAll() throws IOException {
    while (waiting() > 0 && writeBatch() > 0) {
      // until all is there
    }
  }
}
