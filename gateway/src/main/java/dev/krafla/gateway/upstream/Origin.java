package dev.krafla.gateway.upstream;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/** Where a connection leads. */
public record Origin(boolean tls, String host, int port) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /**
   * The origin of an {@code http} or {@code https} address.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Origin of(URI url) {
    String scheme = Optional.ofNullable(url.getScheme()).orElse("").toLowerCase(Locale.ROOT);
    boolean tls = scheme.equals("https");
    String host = url.getHost();
    if (host == null || !(tls || scheme.equals("http"))) {
      throw new IllegalArgumentException(
          "'%s' is no address; it must be like https://api.example.org/v1".formatted(url));
    }
    int port = url.getPort() >= 0 ? url.getPort() : tls ? HTTPS : HTTP;
    return new Origin(tls, host, port);
  }

  /** For the {@code Host} header. */
  String authority() {
    return port == (tls ? HTTPS : HTTP) ? host : host + ":" + port;
  }

  @Override
  public String toString() {
    return (tls ? "https://" : "http://") + authority();
  }
}
