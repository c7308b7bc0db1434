package dev.krafla.serving.kvevents;

import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Takes batches in the order of their numbers, sees which are missing, and tells a listener what
 * they come to. Not thread-safe.
 */
final class EventSequence {
  private static final System.Logger LOG = System.getLogger(EventSequence.class.getName());

  private final HeldBlocks held;
  private final KvEventListener listener;
  private long next; // number of the batch that is due; −1 while none has come
  private double lastTime; // of the last batch, by the server's clock
  private long missed;

  EventSequence(HeldBlocks held, KvEventListener listener) {
    this.held = held;
    this.listener = listener;
    this.next = -1;
  }

  /** The number of the batch that is due; −1 while none has come. */
  long next() {
    return next;
  }

  /** Batches that were lost for good, or could not be read. */
  long missed() {
    return missed;
  }

  /** Whether the batch {@code number} shows that others before it are missing. */
  boolean hasGapBefore(long number) {
    return next >= 0 ? number > next : number > 0;
  }

  /**
   * Takes a batch, once; where some before it are missing, or the server has started anew, forgets
   * what was known.
   */
  void take(long number, byte[] payload) {
    KvEventDecoder.Batch batch;
    try {
      batch = KvEventDecoder.decode(payload);
    } catch (InvalidEvents e) {
      LOG.log(Level.WARNING, "events of a KV cache cannot be read: {0}", e.getMessage());
      missed++;
      next = number + 1;
      forget();
      return;
    }
    if (number < next && batch.time() <= lastTime) {
      return; // it came again with others that were missed
    }
    if (next >= 0 && number != next) {
      missed += Math.max(0, number - next);
      forget();
    }
    next = number + 1;
    lastTime = batch.time();
    batch.events().forEach(this::apply);
    if (held.tooMany()) {
      forget();
    }
  }

  private void apply(KvEvent event) {
    switch (event) {
      case KvEvent.Stored stored -> tell(held.stored(stored), true);
      case KvEvent.Removed(List<EngineHash> hashes) -> tell(held.removed(hashes), false);
      case KvEvent.Cleared _ -> forget();
    }
  }

  private void tell(long[] keys, boolean stored) {
    if (keys.length == 0) {
      return;
    }
    if (stored) {
      listener.stored(keys);
    } else {
      listener.evicted(keys);
    }
  }

  private void forget() {
    held.clear();
    listener.forgotten();
  }
}
