package dev.krafla.gateway.server;

import dev.krafla.gateway.Endpoint;
import dev.krafla.wire.generation.Usage;
import java.util.List;
import java.util.Optional;

/** How a request and its answer pass between a client's wire and a provider's. */
sealed interface Conversation permits PassThrough, Translation {
  /** What is asked at the provider. */
  Endpoint endpoint();

  /** The body for the provider. */
  byte[] body();

  /** Names of fields that could not be passed on and change no answer. */
  List<String> omitted();

  /** A whole answer for the client, and what it took where the provider says. */
  record Whole(byte[] body, Optional<Usage> usage) {}

  /**
   * Takes a whole answer.
   *
   * @throws Relay.Garbled when it is none
   */
  Whole whole(byte[] answer) throws Relay.Garbled;

  /** Takes a streamed answer. */
  EventPipe events();

  /** An error of the provider in the client's shape. */
  byte[] error(int status, byte[] body);
}
