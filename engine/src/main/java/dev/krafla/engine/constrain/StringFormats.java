package dev.krafla.engine.constrain;

import java.util.Map;
import java.util.Optional;

/** JSON schema's string formats as regular expressions, each a subset of what its RFC allows. */
final class StringFormats {
  private static final String YEAR = "(?:[1-9]\\d{3}|0[1-9]\\d\\d|00[1-9]\\d|000[1-9])";
  private static final String LEAP_YEAR =
      "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)";
  private static final String DATE =
      "(?:"
          + YEAR
          + "-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])"
          + "|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)"
          + "|02-(?:0[1-9]|1\\d|2[0-8]))|"
          + LEAP_YEAR
          + "-02-29)";
  private static final String TIME =
      "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:0\\d|1[0-7]):[0-5]\\d)";
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
  private static final String SHORT_LABEL = "[A-Za-z](?:[A-Za-z0-9-]{0,28}[A-Za-z0-9])?";
  private static final String HOSTNAME = LABEL + "(?:\\." + LABEL + "){0,3}";
  private static final String ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]";
  private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final String IPV4 = "(?:" + BYTE + "\\.){3}" + BYTE;
  private static final String PIECE = "[0-9A-Fa-f]{1,4}";

  /** By name; whole matches. */
  private static final Map<String, String> PATTERNS =
      Map.ofEntries(
          Map.entry("date-time", DATE + "T" + TIME),
          Map.entry("date", DATE),
          Map.entry("time", TIME),
          Map.entry("duration", duration()),
          Map.entry(
              "email",
              ATEXT
                  + "{1,30}(?:\\."
                  + ATEXT
                  + "{1,30})?@"
                  + SHORT_LABEL
                  + "(?:\\."
                  + SHORT_LABEL
                  + "){0,2}\\.[A-Za-z]{2,10}"),
          Map.entry("hostname", HOSTNAME),
          Map.entry("ipv4", IPV4),
          Map.entry("ipv6", ipv6()),
          Map.entry(
              "uuid",
              "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"),
          Map.entry(
              "uri",
              "[a-z][a-z0-9+.-]{0,19}://"
                  + HOSTNAME
                  + "(?::[1-9]\\d{0,3})?(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-F]{2})*)*"
                  + "(?:\\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?"
                  + "(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*)?"));

  private StringFormats() {}

  /** The pattern of {@code format}, if it can be enforced. */
  static Optional<String> pattern(String format) {
    return Optional.ofNullable(PATTERNS.get(format));
  }

  /** The names that {@link #pattern} knows. */
  static String known() {
    return String.join(", ", PATTERNS.keySet().stream().sorted().toList());
  }

  /** RFC 3339, appendix A. */
  private static String duration() {
    String n = "\\d{1,9}";
    String time = "T(?:%1$sH(?:%1$sM(?:%1$sS)?)?|%1$sM(?:%1$sS)?|%1$sS)".formatted(n);
    String days = n + "D";
    String months = "%sM(?:%s)?".formatted(n, days);
    String years = "%sY(?:%s)?".formatted(n, months);
    return "P(?:%sW|(?:%s|%s|%s)(?:%s)?|%s)".formatted(n, days, months, years, time, time);
  }

  /** RFC 3986, the rule IPv6address without embedded IPv4. */
  private static String ipv6() {
    var forms = new StringBuilder("(?:" + PIECE + ":){7}" + PIECE);
    for (int before = 0; before <= 7; before++) {
      int after = 7 - before;
      forms
          .append('|')
          .append(before == 0 ? "" : "(?:%s:){0,%d}%s".formatted(PIECE, before - 1, PIECE))
          .append("::")
          .append(after == 0 ? "" : "(?:(?:%s:){0,%d}%s)?".formatted(PIECE, after - 1, PIECE));
    }
    return "(?:" + forms + ")";
  }
}
