package dev.krafla.gateway.log;

import dev.krafla.gateway.RequestRecord;
import dev.krafla.gateway.RequestRecorder;
import dev.krafla.store.Database;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jdbi.v3.core.JdbiException;

/**
 * Keeps what became of requests in PostgreSQL, behind the requests' backs: they put it into a ring
 * of bounded size, one thread takes it out in batches. While the database is away the ring fills,
 * the batch at hand is tried again, and nothing is lost until the ring is full; from then on what
 * does not fit is counted in {@link #dropped}. A record whose commit was not confirmed is written
 * again, and kept once.
 *
 * <p>Thread-safe.
 */
public final class RequestLog implements RequestRecorder, AutoCloseable {
  private static final Logger LOG = System.getLogger(RequestLog.class.getName());

  private static final int MOST_IN_BATCH = 500;
  private static final Duration GATHER = Duration.ofMillis(20);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
  private static final Duration RETENTION_EVERY = Duration.ofHours(1);

  private final LogSettings settings;
  private final LogTable table;
  private final ArrayBlockingQueue<RequestRecord> ring;
  private final AtomicLong waitingBytes = new AtomicLong();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder written = new LongAdder();
  private final Thread writer;
  private final Thread sweeper;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Instant giveUp = Instant.MAX;

  private RequestLog(Database database, LogSettings settings) {
    this.settings = settings;
    this.table = new LogTable(database.jdbi(), settings.mostBodyBytes());
    this.ring = new ArrayBlockingQueue<>(settings.mostWaiting());
    this.writer = Thread.ofVirtual().name("request-log").unstarted(this::write);
    this.sweeper = Thread.ofVirtual().name("request-log-retention").unstarted(this::sweep);
  }

  /** Starts keeping requests in {@code database}, which must outlive it. */
  public static RequestLog start(Database database, LogSettings settings) {
    var log = new RequestLog(database, settings);
    log.writer.start();
    log.sweeper.start();
    return log;
  }

  @Override
  public void record(RequestRecord request) {
    long bytes = bytes(request);
    boolean fits = waitingBytes.addAndGet(bytes) <= settings.mostWaitingBytes();
    if (isClosed() || !fits || !ring.offer(request)) {
      waitingBytes.addAndGet(-bytes);
      dropped.increment();
    }
  }

  private static long bytes(RequestRecord request) {
    return (long) request.request().length() + request.answer().length();
  }

  /** Requests that were not kept, as the ring was full. */
  public long dropped() {
    return dropped.sum();
  }

  /** Requests that are in the database. */
  public long written() {
    return written.sum();
  }

  /** Requests that wait for the database, but for the batch at hand. */
  public int waiting() {
    return ring.size();
  }

  /** Finds and counts what was kept. */
  public LogSearch search() {
    return new LogSearch(table.jdbi());
  }

  private void write() {
    var batch = new ArrayList<RequestRecord>(MOST_IN_BATCH);
    while (gather(batch)) {
      if (!keep(batch)) {
        dropped.add(batch.size() + ring.size());
        return;
      }
      batch.clear();
    }
  }

  /** Waits for the next batch; false when the log is closed and empty. */
  private boolean gather(List<RequestRecord> batch) {
    try {
      while (batch.isEmpty()) {
        RequestRecord first = ring.poll(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
        } else if (isClosed()) {
          return false;
        }
      }
      if (ring.size() < MOST_IN_BATCH && !isClosed()) {
        Thread.sleep(GATHER);
      }
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the writer", e);
    }
    ring.drainTo(batch, MOST_IN_BATCH - batch.size());
    batch.forEach(request -> waitingBytes.addAndGet(-bytes(request)));
    return true;
  }

  /** Writes until it is confirmed; false when the log is closed meanwhile and time is up. */
  private boolean keep(List<RequestRecord> batch) {
    Duration pause = GATHER;
    boolean away = false;
    while (true) {
      try {
        table.insert(batch);
        written.add(batch.size());
        if (away) {
          LOG.log(Level.INFO, "the request log''s database is back; {0} requests wait", waiting());
        }
        return true;
      } catch (JdbiException e) {
        if (LogTable.refusesTheRows(e)) {
          return keepEach(batch, e);
        }
        if (!away) {
          away = true;
          LOG.log(
              Level.WARNING,
              "the request log cannot be written, and tries again; {0} more requests fit: {1}",
              ring.remainingCapacity(),
              LogTable.reason(e));
        }
      }
      if (Instant.now().isAfter(giveUp)) {
        return false;
      }
      pause(pause);
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
    }
  }

  /** One row that cannot be stored must not keep the others out. */
  private boolean keepEach(List<RequestRecord> batch, JdbiException refusal) {
    if (batch.size() == 1) {
      LOG.log(
          Level.WARNING,
          "request {0} cannot be kept: {1}",
          batch.getFirst().requestId(),
          LogTable.reason(refusal));
      dropped.increment();
      return true;
    }
    for (RequestRecord request : batch) {
      if (!keep(List.of(request))) {
        return false;
      }
    }
    return true;
  }

  private void pause(Duration pause) {
    try {
      if (isClosed() || closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        Thread.sleep(LOOK_EVERY); // closing: tries until its time is up
      }
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the writer", e);
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void sweep() {
    try {
      do {
        deleteOld();
      } while (!closed.await(RETENTION_EVERY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the sweeper", e);
    }
  }

  /** Deletes what is older than the retention, as happens once an hour. */
  void deleteOld() {
    try {
      long deleted = table.deleteBefore(Instant.now().minus(settings.retention()));
      LOG.log(Level.DEBUG, "{0} old requests deleted", deleted);
    } catch (JdbiException e) {
      LOG.log(Level.WARNING, "old requests cannot be deleted now: {0}", LogTable.reason(e));
    }
  }

  /** Writes what waits, for at most ten seconds; what is left then counts as dropped. */
  @Override
  public void close() {
    giveUp = Instant.now().plus(CLOSE_LIMIT);
    closed.countDown();
    try {
      writer.join();
      sweeper.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (dropped() > 0) {
      LOG.log(Level.WARNING, "{0} requests are missing in the request log", dropped());
    }
  }
}
