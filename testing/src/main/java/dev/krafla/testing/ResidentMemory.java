package dev.krafla.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Memory of this process as the system sees it: heap, native memory and all. Linux only. */
public final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ResidentMemory() {}

  /** KiB in memory now; empty where the system does not tell. */
  public static OptionalLong nowKib() {
    return kib("VmRSS:");
  }

  /** The most KiB that were ever in memory. */
  public static OptionalLong peakKib() {
    return kib("VmHWM:");
  }

  private static OptionalLong kib(String name) {
    try {
      return Files.exists(STATUS)
          ? Files.readAllLines(STATUS).stream()
              .filter(line -> line.startsWith(name))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
          : OptionalLong.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
