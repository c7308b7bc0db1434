package dev.krafla.platform.up;

import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What runs in a home, for those who ask from outside: {@code run/up.json}, written by the one
 * process that holds the lock {@code run/up.lock}. The lock ends with its process, however that
 * ends, so that what a killed one has left is not taken for running.
 */
public final class RunFile implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;

  private RunFile(Path file, FileChannel channel, FileLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * A program as others see it.
   *
   * @param state its {@link ChildState#word}
   * @param pid 0 where it does not run
   * @param note why it is in this state; empty where that needs no word
   */
  public record Part(String name, String state, long pid, String note) {}

  /** What runs. */
  public record Running(long pid, Instant since, URI url, List<Part> parts) {
    public Running {
      parts = List.copyOf(parts);
    }
  }

  /**
   * Takes the lock of {@code home}.
   *
   * @return empty when another process has it
   */
  public static Optional<RunFile> take(Path home) throws IOException {
    Path folder = home.resolve("run");
    Files.createDirectories(folder);
    FileChannel channel =
        FileChannel.open(
            folder.resolve("up.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new RunFile(folder.resolve("up.json"), channel, lock));
      }
    } catch (OverlappingFileLockException e) {
      // Another thread of this process has it: as good as another process.
    }
    channel.close();
    return Optional.empty();
  }

  /** What runs in {@code home}; empty where nothing does. */
  public static Optional<Running> read(Path home) throws IOException {
    Optional<RunFile> free = take(home);
    if (free.isPresent()) {
      free.get().release();
      return Optional.empty();
    }
    Path file = home.resolve("run").resolve("up.json");
    return Files.exists(file) ? Optional.of(parse(Files.readAllBytes(file))) : Optional.empty();
  }

  private static Running parse(byte[] bytes) throws IOException {
    try {
      ObjectNode json = Json.parseObject(bytes);
      List<Part> parts = new ArrayList<>();
      for (var part : json.withArray("parts")) {
        parts.add(
            new Part(
                part.get("name").stringValue(),
                part.get("state").stringValue(),
                part.get("pid").longValue(),
                part.get("note").stringValue()));
      }
      return new Running(
          json.get("pid").longValue(),
          Instant.parse(json.get("since").stringValue()),
          URI.create(json.get("url").stringValue()),
          parts);
    } catch (InvalidBody | NullPointerException | IllegalArgumentException e) {
      throw new IOException("run/up.json is damaged: " + e.getMessage(), e);
    }
  }

  /** Replaces what is written, at once for those who read. */
  public synchronized void write(Running running) {
    ObjectNode json = toJson(running);
    Path next = file.resolveSibling("up.json.new");
    try {
      Files.write(next, Json.writeBytes(json));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be written: %s".formatted(file, e), e);
    }
  }

  /** The form of {@code krafla status --json}, too. */
  public static ObjectNode toJson(Running running) {
    ObjectNode json = Json.object();
    json.put("pid", running.pid())
        .put("since", running.since().toString())
        .put("url", running.url().toString());
    var parts = json.putArray("parts");
    for (Part part : running.parts()) {
      parts
          .addObject()
          .put("name", part.name())
          .put("state", part.state())
          .put("pid", part.pid())
          .put("note", part.note());
    }
    return json;
  }

  private void release() throws IOException {
    lock.release();
    channel.close();
  }

  /** Removes what is written and gives the lock back. */
  @Override
  public synchronized void close() throws IOException {
    Files.deleteIfExists(file);
    release();
  }
}
