package dev.krafla.serving.ledger;

import dev.krafla.wire.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes entries to a file, one JSON object a line, as requests end. A thread of its own writes;
 * whoever adds an entry never waits: where the disk is too slow for the queue, entries are dropped,
 * counted, and the count is a line of the ledger too.
 *
 * <p>A line that was written survives the end of this process, however it ends; the disk has it
 * within a second. What a crash can cost is the entries of the last milliseconds and the end of the
 * last line: the next start says so, and readers pass over that line.
 *
 * <p>When the file would exceed its size it becomes {@code FILE.1}, that {@code FILE.2}, and so on;
 * the oldest is deleted.
 */
public final class LedgerFile implements AutoCloseable {
  private static final Logger LOG = System.getLogger(LedgerFile.class.getName());
  private static final int QUEUE = 8192;
  private static final int TAIL = 1 << 16;

  private final Path file;
  private final long maxBytes;
  private final int olderFiles;
  private final BlockingQueue<Optional<LedgerEntry>> queue = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread writer;
  private FileChannel channel; // the writer's, once it runs
  private long size;
  private long toldDropped;
  private boolean midLine; // a write failed halfway
  private boolean unsynced;

  /**
   * Opens or creates a ledger.
   *
   * @param maxBytes of one file, at least one line
   * @param olderFiles kept beside it
   * @throws IOException when it cannot be written, or another process writes it
   */
  public static LedgerFile open(Path file, long maxBytes, int olderFiles) throws IOException {
    var ledger = new LedgerFile(file, maxBytes, olderFiles);
    ledger.writer.start();
    return ledger;
  }

  private LedgerFile(Path file, long maxBytes, int olderFiles) throws IOException {
    if (maxBytes < 1 || olderFiles < 0) {
      throw new IllegalArgumentException(
          "maxBytes is %d and olderFiles %d; they must be positive"
              .formatted(maxBytes, olderFiles));
    }
    this.file = file.toAbsolutePath();
    this.maxBytes = maxBytes;
    this.olderFiles = olderFiles;
    this.channel = openChannel();
    this.size = channel.size();
    mendLastLine();
    this.writer = Thread.ofPlatform().name("krafla-ledger").daemon().unstarted(this::write);
  }

  private FileChannel openChannel() throws IOException {
    FileChannel opened =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (opened.tryLock() == null) {
        throw new IOException("another process writes %s".formatted(file));
      }
    } catch (OverlappingFileLockException e) {
      opened.close();
      throw new IOException("this process writes %s already".formatted(file), e);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
    return opened;
  }

  /** A line that a crash has cut off is ended, so that the next begins on its own. */
  private void mendLastLine() throws IOException {
    if (size == 0) {
      return;
    }
    ByteBuffer tail = ByteBuffer.allocate((int) Math.min(size, TAIL));
    while (tail.hasRemaining() && channel.read(tail, size - tail.remaining()) >= 0) {
      // until all of it is there
    }
    int cut = 0;
    while (cut < tail.capacity() && tail.get(tail.capacity() - 1 - cut) != '\n') {
      cut++;
    }
    if (cut > 0) {
      LOG.log(
          Level.WARNING,
          "the last line of ledger {0} was cut off after {1} bytes, as the process that wrote it"
              + " was killed: one request is missing from its sums",
          file,
          cut);
      size += channel.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
    }
  }

  /** Has {@code entry} written soon. Never waits. */
  public void add(LedgerEntry entry) {
    if (!queue.offer(Optional.of(entry))) {
      dropped.incrementAndGet();
    }
  }

  /** Entries that were lost, as the disk was too slow or refused them. */
  public long dropped() {
    return dropped.get();
  }

  private void write() {
    var batch = new ArrayList<Optional<LedgerEntry>>();
    boolean open = true;
    while (open) {
      batch.clear();
      try {
        Optional<LedgerEntry> first = queue.poll(1, TimeUnit.SECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch);
        }
      } catch (InterruptedException e) {
        open = false;
        queue.drainTo(batch);
      }
      open &= batch.stream().allMatch(Optional::isPresent);
      List<LedgerEntry> entries = batch.stream().flatMap(Optional::stream).toList();
      try {
        write(entries);
        if (unsynced && (batch.isEmpty() || !open)) {
          channel.force(false);
          unsynced = false;
        }
      } catch (IOException e) {
        dropped.addAndGet(entries.size());
        LOG.log(Level.ERROR, "ledger {0}: {1} requests are lost: {2}", file, entries.size(), e);
      }
    }
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(Level.ERROR, "ledger {0} could not be closed: {1}", file, e);
    }
  }

  private void write(List<LedgerEntry> entries) throws IOException {
    var bytes = new ByteArrayOutputStream();
    if (midLine) {
      bytes.write('\n');
    }
    long nowDropped = dropped.get();
    if (nowDropped > toldDropped) {
      line(bytes, Json.writeBytes(Json.object().put("dropped", nowDropped - toldDropped)));
    }
    for (LedgerEntry entry : entries) {
      byte[] json = Json.writeBytes(entry.toJson());
      if (size + bytes.size() + json.length + 1 > maxBytes && size + bytes.size() > 0) {
        flush(bytes);
        rotate();
      }
      line(bytes, json);
    }
    flush(bytes);
    toldDropped = nowDropped;
  }

  private static void line(ByteArrayOutputStream bytes, byte[] json) {
    bytes.writeBytes(json);
    bytes.write('\n');
  }

  private void flush(ByteArrayOutputStream bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes.toByteArray());
    if (left.hasRemaining()) {
      midLine = true;
      while (left.hasRemaining()) {
        size += channel.write(left, size);
      }
      midLine = false;
      unsynced = true;
      bytes.reset();
    }
  }

  private void rotate() throws IOException {
    channel.force(false);
    channel.close();
    if (olderFiles == 0) {
      Files.delete(file);
    }
    for (int i = olderFiles; i > 0; i--) {
      Path from = i == 1 ? file : older(file, i - 1);
      if (Files.exists(from)) {
        Files.move(from, older(file, i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    channel = openChannel();
    size = 0;
  }

  /** The {@code i}-th older file, from 1. */
  static Path older(Path file, int i) {
    return file.resolveSibling(file.getFileName() + "." + i);
  }

  /** Writes what was added, to the disk, and ends the writer. */
  @Override
  public void close() {
    try {
      queue.put(Optional.empty());
      writer.join();
    } catch (InterruptedException e) {
      writer.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
