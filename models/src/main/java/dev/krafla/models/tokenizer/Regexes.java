package dev.krafla.models.tokenizer;

import dev.krafla.models.UnsupportedModelException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Patterns of tokenizer files, written for Oniguruma, as Java patterns: classes are Unicode's,
 * {@code (?i:…)} folds as Unicode does ("ſ" is an "s"), and {@code $} ends lines.
 */
final class Regexes {
  private static final int FLAGS =
      Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES;

  /** Script names, which Java wants with "Is". */
  private static final Pattern SCRIPT =
      Pattern.compile(
          "\\\\([pP])\\{(Han|Hiragana|Katakana|Hangul|Latin|Cyrillic|Greek|Thai|Arabic)\\}");

  private Regexes() {}

  static Pattern compile(String oniguruma) {
    Matcher scripts = SCRIPT.matcher(oniguruma);
    try {
      return Pattern.compile(scripts.replaceAll("\\\\$1{Is$2}"), FLAGS);
    } catch (PatternSyntaxException e) {
      throw new UnsupportedModelException(
          "pre-tokenizer pattern '%s' cannot be read: %s".formatted(oniguruma, e.getDescription()));
    }
  }
}
