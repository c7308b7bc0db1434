package dev.krafla.engine.constrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.Constraint;
import dev.krafla.engine.InvalidRequest;
import dev.krafla.testing.Damage;
import dev.krafla.testing.DamagedJson;
import dev.krafla.testing.Fuzz;
import dev.krafla.testing.SmallJvm;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damaged and hostile schemas and patterns: a clear refusal, or an answer. */
class ConstraintFuzzTest {
  private static final Duration LIMIT = Duration.ofSeconds(4);
  private static final List<String> PATTERNS =
      List.of(
          "(?:red|green|blue)(,(?:red|green|blue)){0,3}",
          "^\\d{3}-\\d{4}$",
          "[A-Za-z_][A-Za-z0-9_]*",
          "(a|b)*a(a|b){6}",
          "[日é😀]{2,5}\\u00e9\\x41\\t?\\p{Lu}+",
          "-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?",
          "(?<year>\\d{4})(?:-(?<month>\\d\\d))?");
  private static final List<String> PATTERN_PARTS =
      List.of(
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          "*",
          "+",
          "?",
          "|",
          "^",
          "$",
          ".",
          "\\",
          "\\d",
          "\\W",
          "[^",
          "{3,}",
          "{0,99}",
          "{9999}",
          "(?:",
          "(?=",
          "\\p{L}",
          "\\u{10ffff}",
          "-",
          "\ud800",
          "\u0000");

  private final Answers answers = new Answers(PieceTokenizer.usual());

  @Test
  void aDamagedSchemaIsRefusedOrAnswered() {
    List<Schemas> schemas = Schemas.all();
    Fuzz.check(
        4000,
        LIMIT,
        random -> {
          Schemas s = schemas.get(random.nextInt(schemas.size()));
          String bad = DamagedJson.of(s.schema(), random);
          return answer(new Constraint.JsonSchema(bad), new Random(random.nextLong())).isPresent();
        });
  }

  @Test
  void aDamagedPatternIsRefusedOrAnswered() {
    Fuzz.check(
        8000,
        LIMIT,
        random -> {
          String good = PATTERNS.get(random.nextInt(PATTERNS.size()));
          String bad = Damage.text(good, PATTERN_PARTS, random);
          return answer(new Constraint.Regex(bad), new Random(random.nextLong())).isPresent();
        });
  }

  /** What a random model writes under the constraint; empty where that is refused, clearly. */
  private Optional<String> answer(Constraint constraint, Random random) {
    try {
      return Optional.of(Optional.ofNullable(answers.random(constraint, random, 40)).orElse(""));
    } catch (InvalidRequest e) {
      assertThat(e.getMessage()).hasSizeGreaterThan(20);
      assertThat(e.parameter()).isEqualTo("response_format");
      return Optional.empty();
    }
  }

  @Test
  void hostileConstraintsEndInLittleMemoryOnASmallStack() {
    String output =
        SmallJvm.run(
            ConstraintBombs.class,
            Duration.ofMinutes(4),
            "-Xmx400m",
            "-Xss512k",
            "-XX:+UseSerialGC");
    assertThat(output.lines().count()).isGreaterThanOrEqualTo(ConstraintBombs.all().size());
  }
}
