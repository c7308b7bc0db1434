package dev.krafla.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tells when a file has changed. It looks at the file's time and size now and then: that also sees
 * what editors and Kubernetes do, who put a new file in the old one's place.
 */
final class FileWatch implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final Thread thread;

  private FileWatch(Thread thread) {
    this.thread = thread;
  }

  /** Calls {@code changed} after each change of {@code file}, if there is one, on one thread. */
  static FileWatch start(Optional<Path> file, Consumer<Path> changed) {
    String first = file.map(FileWatch::state).orElse("");
    return new FileWatch(
        Thread.ofVirtual()
            .name("file watch")
            .start(() -> file.ifPresent(path -> watch(path, first, changed))));
  }

  private static void watch(Path file, String first, Consumer<Path> changed) {
    String before = first;
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        String now = state(file);
        if (!now.equals(before)) {
          before = now;
          changed.accept(file);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private static String state(Path file) {
    try {
      FileTime time = Files.getLastModifiedTime(file);
      return time + " " + Files.size(file) + " " + file.toRealPath();
    } catch (IOException e) {
      return "unreadable";
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
