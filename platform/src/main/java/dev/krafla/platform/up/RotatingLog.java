package dev.krafla.platform.up;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A log of bounded size: when the file is full it becomes {@code NAME.1}, what was that {@code
 * NAME.2}, and so on. Owned by one thread.
 */
final class RotatingLog implements AutoCloseable {
  private static final int PIECE = 1 << 13;

  private final Path file;
  private final long maxBytes;
  private final int oldFiles;
  private OutputStream out;
  private long bytes;

  /**
   * Goes on with {@code file}, or begins it.
   *
   * @param maxBytes of one file
   * @param oldFiles that are kept beside the one that is written
   */
  RotatingLog(Path file, long maxBytes, int oldFiles) throws IOException {
    this.file = file;
    this.maxBytes = maxBytes;
    this.oldFiles = oldFiles;
    Files.createDirectories(file.toAbsolutePath().getParent());
    out = open();
    bytes = Files.size(file);
  }

  private OutputStream open() throws IOException {
    return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Writes what comes until it ends; a disk that is full loses lines, never the program. */
  void copy(InputStream in) throws IOException {
    byte[] piece = new byte[PIECE];
    for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
      write(piece, n);
    }
  }

  private void write(byte[] piece, int length) {
    try {
      if (bytes >= maxBytes) {
        rotate();
      }
      out.write(piece, 0, length);
      out.flush();
      bytes += length;
    } catch (IOException e) {
      // Nobody to tell but this log itself. The pipe must be read on, or the program would stall.
    }
  }

  private void rotate() throws IOException {
    out.close();
    for (int i = oldFiles - 1; i >= 1; i--) {
      if (Files.exists(old(i))) {
        Files.move(old(i), old(i + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(file, old(1), StandardCopyOption.REPLACE_EXISTING);
    out = open();
    bytes = 0;
  }

  private Path old(int age) {
    return file.resolveSibling(file.getFileName() + "." + age);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
