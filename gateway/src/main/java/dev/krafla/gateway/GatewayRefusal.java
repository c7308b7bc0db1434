package dev.krafla.gateway;

import dev.krafla.serving.http.RefusedCall;
import java.time.Duration;
import java.util.Optional;

/** A request that the gateway turns away, in OpenAI's vocabulary; each wire says it in its own. */
public final class GatewayRefusal extends RefusedCall {
  private static final long serialVersionUID = 1;

  /**
   * @param message what, the value, the limit and the remedy; never a secret
   * @param type as OpenAI's {@code error.type}
   * @param code as OpenAI's {@code error.code}
   */
  public GatewayRefusal(
      int status, String message, String type, String code, Optional<Duration> retryAfter) {
    super(status, error(message, type, "", code), retryAfter, false);
  }
}
