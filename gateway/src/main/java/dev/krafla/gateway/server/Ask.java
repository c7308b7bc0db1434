package dev.krafla.gateway.server;

import dev.krafla.gateway.Endpoint;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A request, read as far as the gateway needs; the rest is the provider's business.
 *
 * @param body as it came
 * @param model its public name
 * @param modelAt where that stands in the body, quotes included
 * @param maxTokens of one answer
 * @param answers how many are asked for
 * @param media pictures, sounds and files in the prompt
 * @param mediaBytes of the body, that these take
 * @param continues whether it goes on with a conversation that the provider keeps
 * @param session what keeps requests of one conversation together
 */
record Ask(
    Endpoint endpoint,
    byte[] body,
    String model,
    Span modelAt,
    boolean stream,
    OptionalLong maxTokens,
    long answers,
    long media,
    long mediaBytes,
    boolean continues,
    Optional<String> session,
    StreamOptions streamOptions) {
  /** Bytes of the body from {@code from} up to before {@code to}. */
  record Span(int from, int to) {}

  /** What a request says of the usage at a stream's end. */
  sealed interface StreamOptions {
    /** Nothing at all. */
    record Absent() implements StreamOptions {}

    /** Other things; {@code inside} is after the object's brace. */
    record Silent(int inside, boolean empty) implements StreamOptions {}

    /** That it is not wanted. */
    record Unwanted(Span value) implements StreamOptions {}

    /** That it is wanted. */
    record Wanted() implements StreamOptions {}
  }

  /** Whether the client itself wants to see the usage. */
  boolean wantsUsage() {
    return streamOptions instanceof StreamOptions.Wanted;
  }
}
