package dev.krafla.engine.constrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.engine.Constraint;
import dev.krafla.engine.InvalidRequest;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegexConstraintTest {
  private final Answers answers = new Answers(PieceTokenizer.usual());

  /** Patterns that mean the same to {@link Pattern}, which judges the answers. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "abc",
        "a|bc|",
        "(?:red|green|blue)(,(?:red|green|blue)){0,3}",
        "\\d{3}-\\d{4}",
        "[A-Za-z_][A-Za-z0-9_]*",
        "[^a-y\"\\\\]+?",
        ".*hello.*",
        "(a|b)*a(a|b){6}",
        "((a?){20}b){3}",
        "[日é😀]{2,5}x",
        "\\u00e9\\x41\\t",
        "\\p{Lu}\\p{Ll}+",
        "[\\w.]+@[\\w.]+\\.(com|org)",
        "a{,3}",
        "x{2,}y{0}",
        "(?<year>\\d{4})(?:-(?<month>\\d\\d))?",
        "(((((((((a*)*)*)*)*)*)*)*)*)",
        "-?(0|[1-9]\\d*)(\\.\\d+)?",
      })
  void randomAnswersMatch(String pattern) {
    Pattern judge = Pattern.compile(pattern.replace("{,3}", "\\{,3\\}"));
    int ended = 0;
    for (int seed = 0; seed < 200; seed++) {
      String answer = answers.random(new Constraint.Regex(pattern), new Random(seed), 100);
      if (answer != null) {
        ended++;
        assertThat(judge.matcher(answer).matches()).as(answer).isTrue();
      }
    }
    assertThat(ended).isGreaterThan(10);
  }

  @Test
  void anchorsAtTheEndsMeanNothing() {
    for (String pattern : List.of("^ab$", "^ab", "ab$", "ab", "(^ab$)", "^xy$|^ab$")) {
      assertThat(answers.accepts(new Constraint.Regex(pattern), "ab")).as(pattern).isTrue();
      assertThat(answers.accepts(new Constraint.Regex(pattern), "xab")).as(pattern).isFalse();
      assertThat(answers.accepts(new Constraint.Regex(pattern), "abx")).as(pattern).isFalse();
    }
  }

  @Test
  void everyCharacterIsReadAsUtf8() {
    var random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      int c = random.nextInt(Character.MAX_CODE_POINT + 1);
      int low = Math.max(0, c - random.nextInt(100));
      int high = Math.min(Character.MAX_CODE_POINT, c + random.nextInt(5_000));
      if (isSurrogate(c) || isSurrogate(low) || isSurrogate(high)) {
        continue;
      }
      String text = Character.toString(c);
      String range = "[\\u{%x}-\\u{%x}]".formatted(low, high);
      assertThat(answers.accepts(new Constraint.Regex(range), text)).as(range + text).isTrue();
      String others = "[^\\u{%x}-\\u{%x}]".formatted(low, high);
      assertThat(answers.accepts(new Constraint.Regex(others), text)).as(others + text).isFalse();
    }
  }

  private static boolean isSurrogate(int c) {
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
  }

  @Test
  void choicesAllowExactlyThemselves() {
    var choice = new Constraint.Choice(List.of("red", "redder", "日本語", "", "\"quoted\""));
    for (String option : choice.options()) {
      assertThat(answers.accepts(choice, option)).as(option).isTrue();
    }
    for (String other : List.of("re", "redd", "日本", "blue", "quoted")) {
      assertThat(answers.accepts(choice, other)).as(other).isFalse();
    }
  }

  @Test
  void controlTokensThatLookLikeTextAreNotAllowed() {
    assertThat(answers.accepts(new Constraint.Regex("\\{"), new int[] {PieceTokenizer.CONTROL}))
        .isFalse();
    assertThat(answers.accepts(new Constraint.Regex("\\{"), "{")).isTrue();
  }

  @Test
  void anObjectOfAnyJsonIsAnObject() {
    var any = new Constraint.AnyJson();
    assertThat(answers.accepts(any, "{\"a\": [1, {\"b\": null}]}")).isTrue();
    assertThat(answers.accepts(any, "[1]")).isFalse();
    assertThat(answers.accepts(any, "1")).isFalse();
  }

  @Test
  void nestingIsBoundedAndAlwaysEnds() {
    String deep = "[".repeat(100) + "]".repeat(100);
    assertThat(answers.accepts(new Constraint.JsonSchema("true"), deep)).isTrue();
    String tooDeep = "[".repeat(1_000);
    assertThat(answers.accepts(new Constraint.JsonSchema("true"), tooDeep)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        ")",
        "a)",
        "[",
        "[a",
        "*",
        "a**",
        "a{3,2}",
        "a{20000}",
        "(?i)a",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
        "\\1",
        "\\k<a>",
        "(?P=a)",
        "\\bword",
        "a\\",
        "\\u12",
        "\\p{Nope}",
        "\\p{L",
        "a^b",
        "(^a|b)c",
        "a$b",
        "(a$)*",
        "[z-a]",
        "[\\d-z]",
        "a++",
        "\\q",
        "[]",
        "[^\\s\\S]",
        "\\uD800",
        "((a{1000}){1000}){1000}{2}"
      })
  void namesWhatItCannotEnforce(String pattern) {
    assertThatThrownBy(() -> answers.compiler().start(new Constraint.Regex(pattern)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageMatching("(?s).{20,}");
  }
}
