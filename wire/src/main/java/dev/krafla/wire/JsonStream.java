package dev.krafla.wire;

import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A streamed answer as raw JSON objects, to be read once by one thread; {@code hasNext} blocks
 * until a chunk is there. {@link #close} may be called from any thread and at any time: it drops
 * the connection, which makes the server stop.
 */
public final class JsonStream implements Iterable<ObjectNode>, AutoCloseable {
  private static final int OK = 200;

  private final SseReader events;
  private final AutoCloseable connection;
  private @Nullable ObjectNode next;
  private boolean ended;
  private volatile boolean closed;

  JsonStream(SseReader events, AutoCloseable connection) {
    this.events = events;
    this.connection = connection;
  }

  /**
   * The one iterator of this stream.
   *
   * <p>Its {@code hasNext} throws {@link RemoteUnavailable} when the connection breaks before the
   * answer's end, and {@link RemoteError} when the server reports an error inside the stream.
   */
  @Override
  public Iterator<ObjectNode> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        if (next == null && !ended) {
          next = read();
        }
        return next != null;
      }

      @Override
      public ObjectNode next() {
        ObjectNode chunk = hasNext() ? next : null;
        if (chunk == null) {
          throw new NoSuchElementException("the stream has ended");
        }
        next = null;
        return chunk;
      }
    };
  }

  private @Nullable ObjectNode read() {
    try {
      Optional<String> data = events.next();
      if (data.isPresent() && !data.get().equals(Sse.DONE)) {
        ObjectNode json = Json.parseObject(data.get());
        if (json.has("error")) {
          ended = true;
          throw new RemoteError(OK, ErrorBody.parse(json), Optional.empty());
        }
        return json;
      }
      ended = true;
      if (data.isEmpty() && !closed) {
        throw new RemoteUnavailable(
            "the stream ended before its [DONE]; the server may have stopped");
      }
    } catch (IOException e) {
      ended = true;
      if (!closed) {
        throw new RemoteUnavailable("the stream broke: " + e.getMessage(), e);
      }
    }
    return null;
  }

  @Override
  public void close() {
    closed = true;
    try {
      connection.close();
    } catch (Exception e) {
      throw new RemoteUnavailable("closing the stream failed: " + e.getMessage(), e);
    }
  }
}
