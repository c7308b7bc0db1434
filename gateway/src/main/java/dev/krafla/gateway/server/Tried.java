package dev.krafla.gateway.server;

import dev.krafla.gateway.route.FailureKind;
import dev.krafla.gateway.route.Target;
import java.util.Optional;

/** How a try at one target ended. */
sealed interface Tried {
  /** The client has its answer, or what there will be of it. */
  record Answered() implements Tried {}

  /**
   * Nothing was sent to the client so far.
   *
   * @param answer what the provider said, where that is fit for the client
   */
  record Failed(Target target, FailureKind kind, String reason, Optional<Said> answer)
      implements Tried {}

  /** A provider's whole answer. */
  record Said(int status, String contentType, byte[] body, Optional<String> retryAfter) {}
}
