package dev.krafla.wire.generation;

import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Unsupported;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * One way of asking a model over HTTP, in both directions: as the client's server it parses
 * requests and writes answers, as the provider's client it writes requests and parses answers.
 * Thread-safe; decoders, encoders and watches belong to one stream and one thread each.
 */
public interface Wire {
  /** {@code chat}, {@code messages} or {@code responses}. */
  String name();

  /** The path of the endpoint below a provider's base, such as {@code /v1/chat/completions}. */
  String path();

  /**
   * Reads a client's request.
   *
   * @throws InvalidBody naming the field that is missing or wrong
   */
  GenerationRequest parseRequest(ObjectNode body);

  /**
   * Writes a request for a provider.
   *
   * @throws Unsupported naming the field that this wire cannot say
   */
  Written writeRequest(GenerationRequest request);

  /**
   * Reads a provider's whole answer.
   *
   * @throws InvalidBody when it is not one
   */
  GenerationResult parseResult(ObjectNode body);

  /** Writes a whole answer for a client that sent {@code asked}. */
  ObjectNode writeResult(GenerationResult result, GenerationRequest asked);

  /** Reads the body of a provider's answer with an error status; never fails. */
  WireError parseError(int status, byte[] body);

  /** Writes an error's body for a client; its status is the kind's. */
  ObjectNode writeError(WireError error);

  /** Reads one provider's stream. */
  StreamDecoder decoder();

  /** Writes one stream for a client that sent {@code asked}. */
  StreamEncoder encoder(GenerationRequest asked);

  /**
   * The usage in a whole answer that is passed through, found without building a tree of it; empty
   * where there is none.
   */
  Optional<Usage> readUsage(byte[] answer);

  /** Reads along a stream that is passed through. */
  StreamWatch watch();
}
