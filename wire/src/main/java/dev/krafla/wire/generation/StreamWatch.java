package dev.krafla.wire.generation;

import java.util.Optional;

/**
 * Reads along a stream that is passed through untouched: its usage, its error and whether it came
 * to its end. Looks closely at few events, by the bytes that only they have. One thread.
 */
public interface StreamWatch {
  /** Sees the next bytes, as they are sent on. */
  void see(byte[] bytes, int offset, int length);

  /** The usage so far; empty where the provider has not said. */
  Optional<Usage> usage();

  /** The error that the provider sent within the stream. */
  Optional<WireError> error();

  /** Whether the wire's last event has come: a stream that ends before was cut. */
  boolean complete();
}
