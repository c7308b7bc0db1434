package dev.krafla.wire.generation;

import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.SseDecoder;
import java.util.function.Consumer;

/**
 * What the decoders of all wires share: events out of bytes, one end, and a failure in place of
 * what cannot be read.
 */
public abstract class EventReader implements StreamDecoder {
  private final SseDecoder sse = new SseDecoder();
  private boolean over;

  protected EventReader() {}

  /** Reads one event. What is thrown as {@link InvalidBody} ends the stream as a failure. */
  protected abstract void event(String name, String data, Consumer<GenerationEvent> events);

  /** The stream has ended before the wire's last event. */
  protected abstract void ended(Consumer<GenerationEvent> events);

  @Override
  public final void feed(byte[] bytes, int offset, int length, Consumer<GenerationEvent> events) {
    if (over) {
      return;
    }
    try {
      sse.feed(
          bytes,
          offset,
          length,
          (name, data) -> {
            if (!over) {
              event(name, data, events);
            }
          });
    } catch (InvalidBody e) {
      fail(
          new WireError(
              WireError.Kind.UNAVAILABLE,
              "the provider's stream cannot be read: " + e.getMessage()),
          events);
    }
  }

  @Override
  public final void end(Consumer<GenerationEvent> events) {
    if (!over) {
      ended(events);
    }
  }

  /** Says that the wire's last event has come. */
  protected final void finished() {
    over = true;
  }

  /** Ends the stream as a failure. */
  protected final void fail(WireError error, Consumer<GenerationEvent> events) {
    over = true;
    events.accept(new GenerationEvent.Failure(error));
  }

  /** The error of a stream that breaks off. */
  protected static WireError cut() {
    return new WireError(
        WireError.Kind.UNAVAILABLE, "the provider's stream ended before the answer was complete");
  }
}
