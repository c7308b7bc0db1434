package dev.krafla.engine.kvstore;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A place below memory that keeps entries of the KV cache (blocks, and logits at the ends of
 * prompts) by the key of their content. A store of bytes and no more: what it gives back is checked
 * by the engine, so it may lose, cut and mix up entries, and costs only time then. Several
 * processes may use one place at once.
 *
 * <p>Thread-safe. {@link #mayHold}, {@link #holds} and {@link #isAvailable} are asked on the
 * engine's thread and never wait; everything else may.
 */
public interface KvStore extends AutoCloseable {
  /** A short name for metrics: {@code disk}, {@code remote}. */
  String name();

  /**
   * Whether asking for {@code key} makes sense. An entry that is asked about counts as used. Never
   * waits.
   */
  boolean mayHold(KvKey key);

  /**
   * Whether {@code key} is known to be here, so that it need not be written. An entry that is asked
   * about counts as used. Never waits.
   */
  boolean holds(KvKey key);

  /**
   * Fills {@code into} with the entry of that key.
   *
   * @param limitNanos how long it is worth waiting for; a store whose waiting can be ended does so
   *     then with an exception
   * @return false when there is none of exactly this length; {@code into} then holds rubbish
   * @throws IOException when the store cannot be read
   */
  boolean read(KvKey key, ByteBuffer[] into, long limitNanos) throws IOException;

  /**
   * Keeps {@code entry}, in place of the one of that key if there is one, and makes room for it
   * where the store has its own limit. What is seen of it later is the whole entry or none.
   *
   * @return whether it was written; false where there was no need, or it is larger than the limit
   * @throws IOException when the store cannot be written
   */
  boolean write(KvKey key, ByteBuffer entry) throws IOException;

  /**
   * Whether entries that are offered now may be kept: false while a store that failed is left
   * alone. Never waits.
   */
  boolean isAvailable();

  /** Forgets the entry of that key, if there is one. */
  void remove(KvKey key);

  /** Bytes that are kept, as far as this process knows. */
  long bytes();

  /** Most bytes that this store keeps; 0 where the limit is not its own. */
  long maxBytes();

  @Override
  void close();
}
