package dev.krafla.wire.generation;

/** Turns events into the server-sent events of a client's wire. One thread. */
public interface StreamEncoder {
  /** The bytes to send for {@code event}; may be empty, since some events are held back. */
  byte[] encode(GenerationEvent event);

  /** The last bytes; call it when no event will come any more. */
  byte[] end();

  /** An event that means nothing and keeps the connection open while a model thinks. */
  byte[] heartbeat();
}
