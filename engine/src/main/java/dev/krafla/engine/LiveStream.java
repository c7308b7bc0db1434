package dev.krafla.engine;

import dev.krafla.engine.transfer.RemoteKv;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Carries one request's events from the engine's thread to one reader. The engine never waits for
 * the reader; what can pile up is bounded by the request's own {@code maxTokens}.
 */
final class LiveStream implements TokenStream {
  private sealed interface Signal {
    record Event(TokenEvent event) implements Signal {}

    record Failed(EngineException error) implements Signal {}

    record End() implements Signal {}
  }

  private static final Signal END = new Signal.End();

  private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Runnable abort;
  private volatile Usage usage;
  private volatile Optional<RemoteKv> lent = Optional.empty();
  private volatile boolean ended; // the engine will add nothing more
  private volatile boolean closed;
  private final Iterator<TokenEvent> reader = new Reader();

  /**
   * @param abort tells the engine that nobody reads any more
   */
  LiveStream(int promptTokens, Runnable abort) {
    this.abort = abort;
    this.usage =
        new Usage(promptTokens, 0, 0, 0, Duration.ZERO, Duration.ZERO, 0, RequestWork.NONE);
  }

  /** Engine's side: the prompt's KV is kept for another worker. */
  void lent(RemoteKv where) {
    lent = Optional.of(where);
  }

  @Override
  public Optional<RemoteKv> lent() {
    return lent;
  }

  /** Engine's side: one more event. */
  void publish(TokenEvent event, Usage now) {
    usage = now;
    signals.add(new Signal.Event(event));
  }

  /** Engine's side: all choices have ended. */
  void end(Usage last) {
    usage = last;
    ended = true;
    signals.add(END);
  }

  /** Engine's side: the request failed. */
  void fail(EngineException error, Usage last) {
    usage = last;
    ended = true;
    signals.add(new Signal.Failed(error));
  }

  @Override
  public Iterator<TokenEvent> iterator() {
    return reader;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public Usage usage() {
    return usage;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!ended) {
      abort.run();
    }
    signals.add(END); // wakes a reader that waits
  }

  private final class Reader implements Iterator<TokenEvent> {
    private @Nullable Signal head;

    @Override
    public boolean hasNext() {
      if (closed) {
        return false;
      }
      if (head == null) {
        head = take();
      }
      return switch (head) {
        case Signal.Event _ -> !closed;
        case Signal.Failed(EngineException error) -> throw error;
        case Signal.End() -> false;
      };
    }

    @Override
    public TokenEvent next() {
      if (!hasNext() || !(head instanceof Signal.Event(TokenEvent event))) {
        throw new NoSuchElementException("the answer has ended");
      }
      head = null;
      return event;
    }

    /** An interrupted reader has left: the stream is closed, and its thread stays interrupted. */
    private Signal take() {
      try {
        return signals.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        close();
        return END;
      }
    }
  }
}
