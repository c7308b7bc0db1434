package dev.krafla.serving;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/** Asks for a key where one is set. Compares in a time that does not tell how much was right. */
final class BearerKey {
  private static final String SCHEME = "bearer ";

  private final Optional<byte[]> key;

  BearerKey(Optional<String> key) {
    this.key = key.map(k -> k.getBytes(StandardCharsets.UTF_8));
  }

  /** Refuses a request without the key. */
  void check(ServerRequest request) {
    if (key.isEmpty()) {
      return;
    }
    String header = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
    boolean bearer = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    if (!bearer) {
      throw Refused.unauthorized(
          "this server asks for an API key; send it as 'Authorization: Bearer KEY'");
    }
    byte[] sent = header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8);
    if (!MessageDigest.isEqual(sent, key.get())) {
      throw Refused.unauthorized("the API key is wrong");
    }
  }
}
