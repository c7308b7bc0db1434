package dev.krafla.engine.kvstore.remote;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/**
 * Where a Redis or Valkey server is: {@code redis://[user@]host[:port][/database]}, or {@code
 * rediss://} with TLS. It holds no secret.
 *
 * @param host name or address
 * @param port 1 to 65535
 * @param database its number, 0 or more
 * @param user whose password is given; absent: the server's default user
 * @param tls whether the connection is encrypted
 */
public record RemoteAddress(
    String host, int port, int database, Optional<String> user, boolean tls) {
  private static final int DEFAULT_PORT = 6379;
  private static final String FORM = "redis://[user@]host[:port][/database], or rediss:// for TLS";

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException when it is none, or holds a password; the message repeats
   *     nothing that may be secret
   */
  public static RemoteAddress parse(String text) {
    // What stands before the @ may be a password, however broken the rest is.
    String shown = text.substring(text.lastIndexOf('@') + 1);
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw wrong(shown, "cannot be read"); // without the cause, which repeats the text
    }
    boolean tls = "rediss".equals(uri.getScheme());
    if (!tls && !"redis".equals(uri.getScheme())) {
      throw wrong(shown, "does not begin with redis:// or rediss://");
    }
    if (uri.getHost() == null) {
      throw wrong(shown, "names no host");
    }
    String user = uri.getUserInfo();
    if (user != null && (user.isEmpty() || user.contains(":"))) {
      throw wrong(shown, "comes with a password, which others could see there");
    }
    if (uri.getQuery() != null || uri.getFragment() != null) {
      throw wrong(shown, "has something behind the database");
    }
    int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    if (port < 1 || port > 65_535) {
      throw wrong(shown, "has port %d; it must be 1 to 65535".formatted(port));
    }
    return new RemoteAddress(
        uri.getHost(), port, database(shown, uri.getPath()), Optional.ofNullable(user), tls);
  }

  private static int database(String shown, String path) {
    if (path.isEmpty() || path.equals("/")) {
      return 0;
    }
    if (!path.matches("/[0-9]{1,6}")) {
      throw wrong(shown, "names no database by its number");
    }
    return Integer.parseInt(path, 1, path.length(), 10);
  }

  private static IllegalArgumentException wrong(String shown, String why) {
    return new IllegalArgumentException("the store …%s %s; it is %s".formatted(shown, why, FORM));
  }

  /** Without the user. */
  @Override
  public String toString() {
    return "%s://%s:%d/%d".formatted(tls ? "rediss" : "redis", host, port, database);
  }
}
