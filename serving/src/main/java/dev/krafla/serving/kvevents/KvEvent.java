package dev.krafla.serving.kvevents;

import java.util.List;
import java.util.Optional;

/** A change of a KV cache (vLLM's {@code kv_events.py}, 0.32). */
public sealed interface KvEvent {
  /**
   * Blocks that follow each other in a prompt are held now.
   *
   * @param parent the block before the first; empty at a prompt's beginning
   * @param tokenIds of all of them; not changed by anyone
   * @param blockTokens tokens in each
   * @param plain whether tokens alone make the blocks what they are: no adapter, salt or image
   */
  record Stored(
      List<EngineHash> hashes,
      Optional<EngineHash> parent,
      int[] tokenIds,
      int blockTokens,
      boolean plain)
      implements KvEvent {
    public Stored {
      hashes = List.copyOf(hashes);
    }
  }

  /** Blocks are held no more, once for each time that they were stored. */
  record Removed(List<EngineHash> hashes) implements KvEvent {
    public Removed {
      hashes = List.copyOf(hashes);
    }
  }

  /** Nothing is held any more. */
  record Cleared() implements KvEvent {}
}
