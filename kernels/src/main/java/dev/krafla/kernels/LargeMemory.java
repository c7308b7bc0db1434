package dev.krafla.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory for weights and caches: hundreds of megabytes that every step reads end to end. In huge
 * pages where the native library can ask for them, since with small ones a good part of that time
 * goes into address translation.
 */
public final class LargeMemory {
  private static final long PAGE = 4096;

  private LargeMemory() {}

  /** {@code bytes} of zeroed memory, page-aligned, that lives as long as {@code arena}. */
  public static MemorySegment allocate(Arena arena, long bytes) {
    return switch (NativeLibrary.load()) {
      case NativeLibrary.Outcome.Loaded(NativeLibrary library) -> library.map(arena, bytes);
      case NativeLibrary.Outcome.Absent _ -> arena.allocate(bytes, PAGE);
    };
  }
}
