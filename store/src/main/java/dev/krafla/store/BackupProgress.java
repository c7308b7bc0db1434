package dev.krafla.store;

/** Follows a backup or a restore. Calls come from one thread, {@code total} times one part's. */
public interface BackupProgress {
  /** Follows nothing. */
  BackupProgress NONE = (part, rows, bytes) -> {};

  /**
   * A part has come so far.
   *
   * @param part what is being done, as {@code reading request_log}
   * @param rows of it that are done; 0 where only bytes are counted
   * @param bytes of all parts so far
   */
  void at(String part, long rows, long bytes);
}
