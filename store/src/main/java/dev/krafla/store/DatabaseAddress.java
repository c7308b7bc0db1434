package dev.krafla.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;

/**
 * Where a PostgreSQL database is and who signs in.
 *
 * @param jdbcUrl without user and password, as {@code jdbc:postgresql://127.0.0.1:5432/krafla}
 * @param password never part of {@link #toString}
 */
public record DatabaseAddress(String jdbcUrl, String user, String password) {
  private static final int DEFAULT_PORT = 5432;
  private static final String FORM =
      "postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=require";

  /** A database of a server on this machine. */
  static DatabaseAddress local(int port, String database, String user, String password) {
    return new DatabaseAddress(
        "jdbc:postgresql://127.0.0.1:%d/%s?sslmode=disable".formatted(port, database),
        user,
        password);
  }

  /**
   * Reads the URL that {@code DATABASE_URL} holds: {@code postgresql:} (or {@code postgres:}), as
   * libpq has it, or the driver's {@code jdbc:postgresql:}. Parameters after {@code ?} go to the
   * driver.
   *
   * @throws StoreException when it is none; the message never holds the URL, which may hold a
   *     password
   */
  public static DatabaseAddress parse(String url) {
    String plain = url.strip();
    if (plain.startsWith("jdbc:")) {
      plain = plain.substring("jdbc:".length());
    }
    URI uri;
    try {
      uri = new URI(plain);
    } catch (URISyntaxException e) {
      // The cause would quote the URL.
      throw new StoreException(
          "DATABASE_URL is no URL (character %d); it has the form %s, special characters of a password as %%XX"
              .formatted(e.getIndex() + 1, FORM));
    }
    boolean known = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
    if (!known || uri.getHost() == null || uri.getPath().length() < 2) {
      throw new StoreException(
          "DATABASE_URL names no host or no database of PostgreSQL; it has the form " + FORM);
    }
    String[] signIn =
        Optional.ofNullable(uri.getRawUserInfo()).orElse("").split(":", 2); // user, password
    String query = Optional.ofNullable(uri.getRawQuery()).map(q -> "?" + q).orElse("");
    int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    return new DatabaseAddress(
        "jdbc:postgresql://%s:%d%s%s".formatted(uri.getHost(), port, uri.getRawPath(), query),
        decoded(signIn[0]),
        signIn.length > 1 ? decoded(signIn[1]) : "");
  }

  private static String decoded(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The database's name. */
  String database() {
    String place = place();
    return place.substring(place.lastIndexOf('/') + 1);
  }

  /** The same server and user, another database. */
  DatabaseAddress database(String name) {
    String place = place();
    String query = jdbcUrl.substring(place.length());
    return new DatabaseAddress(
        place.substring(0, place.lastIndexOf('/') + 1) + name + query, user, password);
  }

  /** The URL without its parameters. */
  private String place() {
    int query = jdbcUrl.indexOf('?');
    return query < 0 ? jdbcUrl : jdbcUrl.substring(0, query);
  }

  /** A connection of its own, outside of any pool, that says {@code application} to the server. */
  Connection connect(String application) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("ApplicationName", application);
    return DriverManager.getConnection(jdbcUrl, properties);
  }

  /** For people and logs: host, port, database and user, nothing secret. */
  @Override
  public String toString() {
    return place().substring("jdbc:".length()) + " as " + user;
  }
}
