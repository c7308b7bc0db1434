package dev.krafla.gateway.server;

import dev.krafla.wire.generation.Usage;
import java.util.Optional;

/** What a provider's stream becomes on its way to the client. One thread. */
interface EventPipe {
  /** Where bytes of whole events go. */
  @FunctionalInterface
  interface Sink {
    void pass(byte[] bytes, int from, int length);
  }

  /**
   * Takes the next {@code length} bytes and passes on the events that they complete.
   *
   * @throws Relay.Garbled when they are no events of the provider's wire
   */
  void feed(byte[] bytes, int length, Sink to) throws Relay.Garbled;

  /** The provider has ended the stream. */
  void end(Sink to) throws Relay.Garbled;

  /** The usage so far. */
  Optional<Usage> usage();

  /** Whether the wire's last event has come. */
  boolean complete();

  /** Events so far: about as many tokens were written. */
  long events();
}
