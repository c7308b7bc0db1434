package dev.krafla.serving.kvevents;

/** Learns what a server's cache holds, in a router's keys. Called by one thread at a time. */
public interface KvEventListener {
  /** Blocks are held now; {@code keys} are in a prompt's order. */
  void stored(long[] keys);

  /** Blocks are held no more. */
  void evicted(long[] keys);

  /** Nothing is known any more: all was thrown out, or events were missed. */
  void forgotten();
}
