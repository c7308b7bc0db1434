package dev.krafla.wire.generation;

import java.util.function.Consumer;

/**
 * Turns the bytes of a provider's stream into events, wherever they are cut. One thread; memory is
 * bounded by the largest event that {@link dev.krafla.wire.SseDecoder} takes.
 */
public interface StreamDecoder {
  /**
   * Takes the next bytes and hands on the events that they complete. What is no event of the wire
   * becomes a {@link GenerationEvent.Failure}; after that, nothing comes.
   */
  void feed(byte[] bytes, int offset, int length, Consumer<GenerationEvent> events);

  /** The stream has ended: a failure where the answer had not. */
  void end(Consumer<GenerationEvent> events);
}
