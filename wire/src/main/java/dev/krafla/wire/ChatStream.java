package dev.krafla.wire;

import java.util.Iterator;
import tools.jackson.databind.node.ObjectNode;

/**
 * A streamed chat answer, to be read once by one thread; {@code hasNext} blocks until a chunk is
 * there. {@link #close} may be called from any thread and at any time: it drops the connection,
 * which makes the server stop.
 */
public final class ChatStream implements Iterable<ChatChunk>, AutoCloseable {
  private final JsonStream chunks;

  ChatStream(JsonStream chunks) {
    this.chunks = chunks;
  }

  /**
   * The one iterator of this stream.
   *
   * <p>Its {@code hasNext} throws {@link RemoteUnavailable} when the connection breaks before the
   * answer's end, and {@link RemoteError} when the server reports an error inside the stream.
   */
  @Override
  public Iterator<ChatChunk> iterator() {
    Iterator<ObjectNode> json = chunks.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return json.hasNext();
      }

      @Override
      public ChatChunk next() {
        return ChatChunk.parse(json.next());
      }
    };
  }

  @Override
  public void close() {
    chunks.close();
  }
}
