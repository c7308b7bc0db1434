package dev.krafla.engine.cache;

import dev.krafla.engine.kvstore.KvKey;

/**
 * Stands for a whole prompt, its last, partly filled block included, and for everything else that
 * its logits depend on. Equal keys mean equal logits.
 */
public record PromptKey(long high, long low) {
  /** This key as stores know it. */
  public KvKey key() {
    return new KvKey(high, low);
  }
}
