package dev.krafla.engine.kvstore.remote;

import dev.krafla.engine.kvstore.KvKey;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keys about which something was found out a short while ago; the least recently asked about are
 * forgotten first. Thread-safe; every call is short.
 */
final class KnownKeys {
  private record Known(long since, int bytes) {}

  private final int limit;
  private final long validNanos;
  private final LinkedHashMap<KvKey, Known> keys = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * @param limit most keys
   * @param validNanos how long what was found out is taken to hold
   */
  KnownKeys(int limit, long validNanos) {
    this.limit = limit;
    this.validNanos = validNanos;
  }

  synchronized boolean contains(KvKey key) {
    Known known = keys.get(key);
    if (known == null) {
      return false;
    }
    if (System.nanoTime() - known.since > validNanos) {
      remove(key);
      return false;
    }
    return true;
  }

  synchronized void add(KvKey key, int size) {
    remove(key);
    keys.put(key, new Known(System.nanoTime(), size));
    bytes += size;
    while (keys.size() > limit) {
      Map.Entry<KvKey, Known> oldest = keys.pollFirstEntry();
      bytes -= oldest.getValue().bytes;
    }
  }

  synchronized void remove(KvKey key) {
    Known known = keys.remove(key);
    bytes -= known == null ? 0 : known.bytes;
  }

  synchronized void clear() {
    keys.clear();
    bytes = 0;
  }

  /** Of all entries that are known. */
  synchronized long bytes() {
    return bytes;
  }
}
