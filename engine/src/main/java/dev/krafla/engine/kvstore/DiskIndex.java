package dev.krafla.engine.kvstore;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which entries a folder has and how large they are, least recently used first. Thread-safe; every
 * call is short.
 */
final class DiskIndex {
  /** A file as it was found. */
  record Found(KvKey key, long bytes, long usedMillis) {}

  private static final class Entry {
    final long bytes;
    long savedMillis; // the file's time of change
    long usedMillis;

    Entry(long bytes, long usedMillis) {
      this.bytes = bytes;
      this.savedMillis = usedMillis;
      this.usedMillis = usedMillis;
    }
  }

  private final LinkedHashMap<KvKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  synchronized long bytes() {
    return bytes;
  }

  synchronized int size() {
    return entries.size();
  }

  /** Whether {@code key} is here; it counts as used at {@code nowMillis} then. */
  synchronized boolean use(KvKey key, long nowMillis) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return false;
    }
    entry.usedMillis = nowMillis;
    return true;
  }

  synchronized void put(KvKey key, long size, long nowMillis) {
    Entry before = entries.put(key, new Entry(size, nowMillis));
    bytes += size - (before == null ? 0 : before.bytes);
  }

  synchronized void remove(KvKey key) {
    Entry entry = entries.remove(key);
    if (entry != null) {
      bytes -= entry.bytes;
    }
  }

  /** Takes out the least recently used until at most {@code limit} bytes are left. */
  synchronized List<KvKey> shrinkTo(long limit) {
    var out = new ArrayList<KvKey>();
    while (bytes > limit && !entries.isEmpty()) {
      Map.Entry<KvKey, Entry> oldest = entries.pollFirstEntry();
      bytes -= oldest.getValue().bytes;
      out.add(oldest.getKey());
    }
    return out;
  }

  /** Takes what a look at the folder has found, and knows better when its entries were used. */
  synchronized void replace(List<Found> files) {
    var found = new LinkedHashMap<KvKey, Entry>();
    for (Found file : files) {
      found.put(file.key, new Entry(file.bytes, file.usedMillis));
    }
    var byUse = new ArrayList<Map.Entry<KvKey, Entry>>(files.size());
    // Those that are known keep their order where times are equal: the sort is stable.
    entries.forEach((key, known) -> {
      Entry entry = found.remove(key);
      if (entry != null) {
        entry.usedMillis = Math.max(entry.usedMillis, known.usedMillis);
        byUse.add(Map.entry(key, entry));
      }
    });
    found.forEach((key, entry) -> byUse.add(Map.entry(key, entry)));
    entries.clear();
    bytes = 0;
    byUse.sort(Comparator.comparingLong(e -> e.getValue().usedMillis));
    for (Map.Entry<KvKey, Entry> e : byUse) {
      entries.put(e.getKey(), e.getValue());
      bytes += e.getValue().bytes;
    }
  }

  /**
   * Entries used more than {@code ageMillis} after what their files say; they count as saved then.
   */
  synchronized List<Found> unsaved(long ageMillis) {
    var out = new ArrayList<Found>();
    entries.forEach((key, entry) -> {
      if (entry.usedMillis > entry.savedMillis + ageMillis) {
        out.add(new Found(key, entry.bytes, entry.usedMillis));
        entry.savedMillis = entry.usedMillis;
      }
    });
    return out;
  }
}
