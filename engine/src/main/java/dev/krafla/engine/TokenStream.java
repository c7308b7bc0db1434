package dev.krafla.engine;

import dev.krafla.engine.transfer.RemoteKv;
import java.util.Iterator;
import java.util.Optional;

/**
 * The answer to a request as it grows, to be read once. The iterator's {@code hasNext} blocks until
 * a token is there or all choices have ended; it throws {@link EngineException} where the request
 * failed. A reader that is slow slows down no one else. Closing the stream at any time stops the
 * work and frees its cache blocks within one step, and ends the iteration; it may come from any
 * thread. Closing an ended one does nothing.
 */
public interface TokenStream extends Iterable<TokenEvent>, AutoCloseable {
  /** The one iterator of this stream; for use by one thread. */
  @Override
  Iterator<TokenEvent> iterator();

  /** What the request cost so far; final once the stream has ended. Callable from any thread. */
  Usage usage();

  /**
   * Where the prompt's KV lies for the worker that goes on with it: of a request that asked for
   * that, there from its first token on. Callable from any thread.
   */
  Optional<RemoteKv> lent();

  @Override
  void close();
}
