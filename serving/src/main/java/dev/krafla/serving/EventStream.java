package dev.krafla.serving;

import dev.krafla.wire.Sse;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Server-sent events of one answer. Nothing is sent before the first event, so that a failure until
 * then can still answer with its own HTTP status. Not thread-safe. All methods throw {@link
 * UncheckedIOException} or Helidon's own when the client is gone.
 */
final class EventStream {
  private final ServerResponse response;
  private @Nullable OutputStream out;

  EventStream(ServerResponse response) {
    this.response = response;
  }

  /** Whether an event has been sent, and so the status is out. */
  boolean begun() {
    return out != null;
  }

  /** Adds an event; {@link #flush} brings it to the client. */
  void add(ObjectNode event) {
    write(Sse.event(event));
  }

  /** Sends what was added. */
  void flush() {
    try {
      if (out != null) {
        out.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the stream. */
  void done() {
    write(Sse.event(Sse.DONE));
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(byte[] event) {
    try {
      OutputStream stream = out;
      if (stream == null) {
        stream = response.outputStream();
        out = stream;
      }
      stream.write(event);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
