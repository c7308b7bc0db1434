package dev.krafla.gateway.money;

import dev.krafla.gateway.Spending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's journal on local disk. Every reservation is stored before its request may be sent,
 * and every end when it comes, so the next process knows what this one had spent and what it may
 * have spent, wherever it was killed. What has ended waits here for the database; a segment of the
 * journal is deleted when all that ended in it has arrived there, and reservations that are still
 * under way have been copied to a newer segment.
 *
 * <p>Storing is done under one lock that is held for the copying of one record; only where a
 * segment is full and the next is not ready yet does it wait for the disk. One thread reads.
 */
public final class Journal implements LedgerJournal, AutoCloseable {
  private static final Logger LOG = System.getLogger(Journal.class.getName());
  private static final String LOCK = "lock";
  private static final String IDENTITY = "identity";
  private static final long MOST = JournalSegment.size(JournalRecord.MAX_LENGTH);

  private final Path folder;
  private final Sizes sizes;
  private final FileChannel lockChannel;
  private final UUID identity;
  private final Deque<JournalSegment> segments = new ArrayDeque<>(); // guarded by this, as the rest
  private long firstUnforced; // number of the oldest segment that may not be on the disk
  private final Map<Long, Live> live = new LinkedHashMap<>(); // in the order of their segments
  private final ByteBuffer scratch = ByteBuffer.allocate(JournalRecord.MAX_LENGTH);
  private @Nullable JournalSegment spare;
  private JournalSegment current;
  private long nextNumber;
  private long ended; // records of what has ended and took something

  /**
   * How large a journal is.
   *
   * @param segmentBytes of a file
   * @param maxBytes of all together: where the database is gone so long that they are full, no
   *     request is let in
   */
  public record Sizes(int segmentBytes, long maxBytes) {
    public static final Sizes DEFAULT = new Sizes(16 << 20, 1L << 30);

    public Sizes {
      if (segmentBytes < 64 * JournalRecord.MAX_LENGTH || maxBytes < 3L * segmentBytes) {
        throw new IllegalArgumentException(
            "a journal of %,d bytes in segments of %,d is too small; take segments of %,d or more and three of them at least"
                .formatted(maxBytes, segmentBytes, 64 * JournalRecord.MAX_LENGTH));
      }
    }
  }

  /** A reservation that has not ended. */
  private record Live(JournalRecord.Reserved what, long segment) {}

  /** A place in the journal: all before it has been read. */
  public record Position(long segment, long offset) {
    public static final Position BEGIN = new Position(0, JournalSegment.begin());
  }

  /** What was read, and where to go on. */
  public record Batch(List<Usage> ended, Position next) {}

  /**
   * Opens or makes a journal. Reservations that an earlier process left open are ended as {@link
   * Usage.Outcome#UNRESOLVED}: they count with the most that they can have taken.
   *
   * @throws IOException when it cannot be written, or another process has it open
   */
  public static Journal open(Path folder, Sizes sizes) throws IOException {
    Files.createDirectories(folder);
    FileChannel lock =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock held = lock.tryLock();
      if (held == null) {
        throw inUse(folder);
      }
      return new Journal(folder, sizes, lock);
    } catch (OverlappingFileLockException e) {
      lock.close();
      throw inUse(folder);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static IOException inUse(Path folder) {
    return new IOException(
        "another gateway has the journal in %s open; stop it, or give this one a folder and a database of its own"
            .formatted(folder));
  }

  private Journal(Path folder, Sizes sizes, FileChannel lock) throws IOException {
    this.folder = folder;
    this.sizes = sizes;
    this.lockChannel = lock;
    this.identity = identity(folder);
    List<JournalSegment> old = openAll(folder);
    segments.addAll(old);
    long last = old.isEmpty() ? 0 : old.getLast().number();
    current = JournalSegment.create(folder, last + 1, sizes.segmentBytes());
    nextNumber = last + 2;
    segments.add(current);
    endWhatWasLeft(old);
  }

  /** The journal's name: the database knows which one its money belongs to. */
  private static UUID identity(Path folder) throws IOException {
    Path file = folder.resolve(IDENTITY);
    if (!Files.exists(file)) {
      Path unfinished = folder.resolve(IDENTITY + ".new");
      Files.writeString(unfinished, UUID.randomUUID().toString());
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return UUID.fromString(Files.readString(file).strip());
  }

  private static List<JournalSegment> openAll(Path folder) throws IOException {
    List<JournalSegment> found = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.toList();
    }
    for (Path file : files) {
      Optional<JournalSegment> segment = JournalSegment.open(file);
      segment.ifPresent(JournalSegment::findEnd);
      segment.ifPresent(found::add);
    }
    found.sort(Comparator.comparingLong(JournalSegment::number));
    return found;
  }

  private void endWhatWasLeft(List<JournalSegment> old) {
    Map<Long, JournalRecord.Reserved> open = new HashMap<>();
    for (JournalSegment segment : old) {
      for (JournalRecord r : records(segment, JournalSegment.begin(), segment.end())) {
        switch (r) {
          case JournalRecord.Reserved reserved -> open.put(r.id(), reserved);
          case JournalRecord.Settled _ -> {
            open.remove(r.id());
            ended++;
          }
          case JournalRecord.Released _ -> open.remove(r.id());
        }
      }
    }
    if (!open.isEmpty()) {
      LOG.log(
          Level.WARNING,
          "the gateway ended without notice: {0} requests were under way; each counts with the most"
              + " that it can have taken until it is resolved",
          open.size());
    }
    open.values().forEach(r -> append(new JournalRecord.Settled(unresolved(r))));
  }

  private static Usage unresolved(JournalRecord.Reserved r) {
    return new Usage(
        r.id(),
        r.at(),
        r.at(),
        r.payers(),
        r.most().model(),
        new Spending(
            "",
            "",
            r.most().promptTokens(),
            0,
            r.most().completionTokens(),
            0,
            r.most().nanodollars()),
        Usage.Outcome.UNRESOLVED);
  }

  private static List<JournalRecord> records(JournalSegment segment, long from, long to) {
    List<JournalRecord> all = new ArrayList<>();
    long at = from;
    while (at < to) {
      ByteBuffer body = segment.body(at).orElseThrow();
      at += JournalSegment.size(body.remaining());
      all.add(JournalRecord.read(body));
    }
    return all;
  }

  /** By this name the database knows which journal its money belongs to. */
  public UUID identity() {
    return identity;
  }

  /** The greatest id in it; 0 when it has none. */
  public synchronized long lastId() {
    return segments.stream()
        .flatMap(s -> records(s, JournalSegment.begin(), s.end()).stream())
        .mapToLong(JournalRecord::id)
        .max()
        .orElse(0);
  }

  @Override
  public synchronized void reserved(Hold hold) {
    requireRoom();
    var record =
        new JournalRecord.Reserved(
            hold.id(),
            Instant.ofEpochMilli(hold.atMillis()),
            Payers.of(hold.caller()),
            hold.most());
    append(record);
    live.put(hold.id(), new Live(record, current.number()));
  }

  /**
   * Room for this reservation and for the end of every one that is under way, so that ends always
   * find some.
   */
  private void requireRoom() {
    if ((segments.size() + 1L) * sizes.segmentBytes() > sizes.maxBytes()
        && current.room() < (live.size() + 2) * MOST) {
      throw Refusals.journal(
          "its journal has %,d bytes, which is the limit, as the database has not taken them; start the database"
              .formatted(sizes.maxBytes()));
    }
    if (spare == null && current.room() < (live.size() + 2) * MOST) {
      try {
        prepare();
      } catch (UncheckedIOException e) {
        throw Refusals.journal("the disk of %s: %s".formatted(folder, e.getMessage()));
      }
    }
  }

  @Override
  public synchronized void settled(Hold hold, Usage usage) {
    append(new JournalRecord.Settled(usage));
    live.remove(hold.id());
  }

  @Override
  public synchronized void released(Hold hold) {
    append(new JournalRecord.Released(hold.id()));
    live.remove(hold.id());
  }

  private void append(JournalRecord record) {
    JournalRecord.write(scratch.clear(), record);
    int bytes = scratch.position();
    if (current.room() < JournalSegment.size(bytes)) {
      prepare();
      JournalSegment next = Objects.requireNonNull(spare);
      spare = null;
      segments.add(next);
      current = next;
    }
    current.append(scratch.array(), bytes);
    if (record instanceof JournalRecord.Settled) {
      ended++;
    }
  }

  /** Makes the next segment now, while all others wait. */
  private void prepare() {
    if (spare == null) {
      try {
        spare = JournalSegment.create(folder, nextNumber++, sizes.segmentBytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Makes the next segment ahead of time, if the last one is half full. Nobody waits.
   *
   * @throws IOException when the disk does not take it
   */
  public void prepareAhead() throws IOException {
    long number;
    synchronized (this) {
      if (spare != null || current.room() > sizes.segmentBytes() / 2) {
        return;
      }
      number = nextNumber++;
    }
    JournalSegment made = JournalSegment.create(folder, number, sizes.segmentBytes());
    synchronized (this) {
      if (spare == null && number > current.number()) {
        spare = made;
        return;
      }
    }
    made.delete(); // the last one was full before
  }

  /** What has ended since {@code from}, at most {@code max} and one segment. One thread calls. */
  public Batch read(Position from, int max) {
    JournalSegment segment;
    long to;
    boolean last;
    synchronized (this) {
      segment =
          segments.stream().filter(s -> s.number() >= from.segment()).findFirst().orElse(current);
      to = segment.end();
      last = segment == current;
    }
    long at = segment.number() == from.segment() ? from.offset() : JournalSegment.begin();
    List<Usage> found = new ArrayList<>();
    while (at < to && found.size() < max) {
      ByteBuffer body = segment.body(at).orElseThrow();
      at += JournalSegment.size(body.remaining());
      if (JournalRecord.read(body) instanceof JournalRecord.Settled(Usage usage)) {
        found.add(usage);
      }
    }
    boolean through = at >= to && !last;
    return new Batch(
        found,
        through
            ? new Position(segment.number() + 1, JournalSegment.begin())
            : new Position(segment.number(), at));
  }

  /**
   * All that ended before {@code upTo} is in the database: older segments go.
   *
   * @throws IOException when one cannot be deleted
   * @throws UncheckedIOException when there is no room to copy what is under way
   */
  public synchronized void forget(Position upTo) throws IOException {
    while (segments.getFirst() != current && segments.getFirst().number() < upTo.segment()) {
      JournalSegment oldest = segments.getFirst();
      if (current.room() < 2L * (live.size() + 1) * MOST) {
        prepare();
      }
      for (Live l : List.copyOf(live.values())) {
        if (l.segment() > oldest.number()) {
          break;
        }
        append(l.what());
        live.remove(l.what().id());
        live.put(l.what().id(), new Live(l.what(), current.number()));
      }
      segments.removeFirst();
      oldest.delete();
    }
  }

  /** How many have ended and took something, as far back as the journal went when it was opened. */
  public synchronized long ended() {
    return ended;
  }

  /** Reservations under way. */
  public synchronized int live() {
    return live.size();
  }

  /**
   * Has the disk keep what was stored, as against a loss of power: of the current segment and of
   * those that were filled since the last call. Called by the thread that drops segments.
   */
  public void force() {
    List<JournalSegment> unforced;
    synchronized (this) {
      unforced = segments.stream().filter(s -> s.number() >= firstUnforced).toList();
    }
    unforced.forEach(JournalSegment::force);
    synchronized (this) {
      firstUnforced = unforced.getLast().number(); // it may have got more meanwhile
    }
  }

  @Override
  public synchronized void close() throws IOException {
    segments.forEach(JournalSegment::close);
    if (spare != null) {
      spare.delete();
    }
    lockChannel.close();
  }
}
