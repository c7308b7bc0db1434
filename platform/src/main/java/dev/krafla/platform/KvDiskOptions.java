package dev.krafla.platform;

import dev.krafla.engine.kvstore.DiskStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a worker keeps its KV cache beyond its own life. */
final class KvDiskOptions {
  /** Enough for some 10,000 blocks of a small model, and little on any disk of today. */
  private static final long DEFAULT_BYTES = 4L << 30;

  /** Of the free space, what a cache that nobody asked for may take. */
  private static final double SHARE_OF_FREE = 0.1;

  @Option(
      names = "--kv-disk",
      paramLabel = "SIZE",
      description = {
        "Disk for the KV cache, which survives a restart there, as 20GiB; 0: none.",
        "Default: 4GiB, or a tenth of what is free."
      })
  private @Nullable String size;

  @Option(
      names = "--kv-disk-dir",
      paramLabel = "FOLDER",
      description = {
        "Folder of that cache; several workers may share it.",
        "Default: cache/kv in KRAFLA_HOME."
      })
  private @Nullable Path folder;

  /**
   * Opens the cache on disk; empty where none is wanted.
   *
   * @throws UserError when {@code --kv-disk} is no size
   */
  Optional<DiskStore> open(KraflaHome home) {
    Path where = folder(home);
    long bytes = size == null ? modest(where) : ByteSize.parse(size);
    return bytes == 0 ? Optional.empty() : Optional.of(DiskStore.open(where, bytes));
  }

  Path folder(KraflaHome home) {
    return folder == null ? home.cache().resolve("kv") : folder.toAbsolutePath();
  }

  private static long modest(Path folder) {
    Path there = folder;
    while (there.getParent() != null && !Files.exists(there)) {
      there = there.getParent();
    }
    try {
      long free = Files.getFileStore(there).getUsableSpace();
      return Math.min(DEFAULT_BYTES, (long) (free * SHARE_OF_FREE));
    } catch (IOException e) {
      return DEFAULT_BYTES; // opening it will say what is wrong
    }
  }
}
