package dev.krafla.serving.proxy;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Which headers go through (RFC 9110, 7.6.1: those of a connection do not). */
final class HeaderRules {
  private static final Set<String> OF_A_CONNECTION =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /** Set anew for each replica. Encoded answers could not be cut at events: none is asked for. */
  private static final Set<String> OF_THIS_REQUEST =
      Set.of("host", "content-length", "expect", "accept-encoding", "x-request-id");

  /** Set anew for the client. */
  private static final Set<String> OF_THIS_ANSWER =
      Set.of("content-length", "date", "x-request-id");

  private HeaderRules() {}

  /**
   * Whether the request header {@code name}, in any case, goes on to a replica.
   *
   * @param named by the request's own {@code Connection}, as {@link #named} gives them
   */
  static boolean passesOn(String name, Set<String> named) {
    return passes(name, named, OF_THIS_REQUEST);
  }

  /** Whether the answer's header {@code name} goes back to the client. */
  static boolean passesBack(String name, Set<String> named) {
    return passes(name, named, OF_THIS_ANSWER);
  }

  private static boolean passes(String name, Set<String> named, Set<String> ours) {
    String lower = name.toLowerCase(Locale.ROOT);
    return !lower.startsWith(":")
        && !OF_A_CONNECTION.contains(lower)
        && !ours.contains(lower)
        && !named.contains(lower);
  }

  /** Headers that the values of {@code Connection} name, in small letters. */
  static Set<String> named(Iterable<String> connectionValues) {
    Set<String> names = new TreeSet<>();
    for (String value : connectionValues) {
      Pattern.compile(",")
          .splitAsStream(value)
          .forEach(name -> names.add(name.strip().toLowerCase(Locale.ROOT)));
    }
    return names;
  }
}
