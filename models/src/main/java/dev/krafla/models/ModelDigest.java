package dev.krafla.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Identity of a model: SHA-256 over the SHA-256 of every 64 MiB of its files, so that all cores
 * take part. Every byte counts; 100 MB take some 50 ms. The result is kept in the cache folder
 * under the file's path, size, inode and times of change, which spares later starts the reading.
 */
final class ModelDigest {
  private static final System.Logger LOG = System.getLogger(ModelDigest.class.getName());
  private static final long CHUNK = 64L << 20;

  private ModelDigest() {}

  /** Digest in hex of {@code files}, in this order. */
  static String of(List<Path> files, Optional<Path> cache) {
    MessageDigest all = sha256();
    for (Path file : files) {
      try {
        all.update(digest(file, cache).getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        throw new UncheckedIOException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
      }
    }
    return HexFormat.of().formatHex(all.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private static String digest(Path file, Optional<Path> cache) throws IOException {
    if (cache.isEmpty()) {
      return digest(file);
    }
    Path real = file.toRealPath();
    String state = state(real);
    byte[] name = sha256().digest(real.toString().getBytes(StandardCharsets.UTF_8));
    Path note = cache.get().resolve("digests").resolve(HexFormat.of().formatHex(name, 0, 16));
    Optional<String> known = read(note, state);
    if (known.isPresent()) {
      return known.get();
    }
    String digest = digest(real);
    write(note, state + " " + digest);
    return digest;
  }

  /** What changes whenever the file does, as far as the file system can tell. */
  private static String state(Path file) throws IOException {
    Map<String, Object> attributes;
    try {
      attributes = Files.readAttributes(file, "unix:size,ino,lastModifiedTime,ctime");
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      attributes = Files.readAttributes(file, "size,lastModifiedTime,creationTime,fileKey");
    }
    return attributes.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(e -> String.valueOf(e.getValue()))
        .reduce((a, b) -> a + "," + b)
        .orElseThrow();
  }

  private static Optional<String> read(Path note, String state) {
    try {
      String[] words = Files.readString(note).strip().split(" ", -1);
      boolean good = words.length == 2 && words[0].equals(state) && words[1].length() == 64;
      return good ? Optional.of(words[1]) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // none yet
    }
  }

  private static void write(Path note, String text) {
    try {
      Files.createDirectories(note.getParent());
      Path temporary = Files.createTempFile(note.getParent(), "digest", ".tmp");
      Files.writeString(temporary, text);
      Files.move(temporary, note, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.log(Level.INFO, "The model's digest could not be kept for the next start: {0}", e);
    }
  }

  private static String digest(Path file) throws IOException {
    try (Arena arena = Arena.ofShared();
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      List<byte[]> parts =
          IntStream.range(0, Math.toIntExact(Math.ceilDiv(size, CHUNK)))
              .parallel()
              .mapToObj(i -> data.asSlice(i * CHUNK, Math.min(CHUNK, size - i * CHUNK)))
              .map(ModelDigest::digest)
              .toList();
      MessageDigest all = sha256();
      parts.forEach(all::update);
      return HexFormat.of().formatHex(all.digest());
    }
  }

  private static byte[] digest(MemorySegment chunk) {
    MessageDigest sha = sha256();
    sha.update(chunk.asByteBuffer());
    return sha.digest();
  }
}
