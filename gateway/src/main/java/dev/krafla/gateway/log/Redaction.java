package dev.krafla.gateway.log;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Takes out of a body what must not be kept: credentials by their well-known forms, the values of
 * fields that hold them, and pictures and sound in base64, which nobody reads. Linear in the text.
 */
final class Redaction {
  private static final String SECRET = "[secret]";

  /** Names of fields that hold secrets. */
  private static final String FIELDS =
      "api[_-]?key|password|passwd|secret|client_secret|access_token|refresh_token|authorization";

  /** What to look for, and what stays of it; possessive, so that no text makes them slow. */
  private record Rule(Pattern pattern, String replacement) {
    Rule(String pattern, String replacement) {
      this(Pattern.compile(pattern), replacement);
    }
  }

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              "-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^-]*+(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?",
              SECRET),
          new Rule(
              "(?i)(\"(?:%s)\"\\s{0,8}:\\s{0,8}\")(?:[^\"\\\\]|\\\\.){1,1024}+".formatted(FIELDS),
              "$1" + SECRET),
          // The same where JSON is quoted within JSON.
          new Rule(
              "(?i)(\\\\\"(?:%s)\\\\\"\\s{0,8}:\\s{0,8}\\\\\")[^\"\\\\]{1,1024}+".formatted(FIELDS),
              "$1" + SECRET),
          new Rule("(?i)\\b(bearer|basic)\\s{1,8}[A-Za-z0-9._~+/=-]{8,}+", "$1 " + SECRET),
          // OpenAI, Anthropic, Krafla; GitHub; Slack; AWS; Google; a JSON Web Token.
          new Rule("\\b(?:sk|pk|rk|krafla|kr)[-_][A-Za-z0-9_-]{16,}+", SECRET),
          new Rule("\\b(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{20,}+", SECRET),
          new Rule("\\bxox[abposr]-[A-Za-z0-9-]{10,}+", SECRET),
          new Rule("\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b", SECRET),
          new Rule("\\bAIza[A-Za-z0-9_-]{30,}+", SECRET),
          new Rule("\\beyJ[A-Za-z0-9_-]{8,}+\\.[A-Za-z0-9_-]{8,}+\\.[A-Za-z0-9_-]{4,}+", SECRET),
          new Rule("(data:[a-z]{1,20}/[a-z0-9.+-]{1,40};base64,)[A-Za-z0-9+/=]{64,}+", "$1…"));

  private Redaction() {}

  /** {@code text} without secrets. */
  static String of(String text) {
    String clean = text;
    for (Rule rule : RULES) {
      clean = rule.pattern.matcher(clean).replaceAll(rule.replacement);
    }
    return clean;
  }
}
