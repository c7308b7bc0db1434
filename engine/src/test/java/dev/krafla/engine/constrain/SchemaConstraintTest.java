package dev.krafla.engine.constrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.krafla.engine.Constraint;
import dev.krafla.engine.InvalidRequest;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaConstraintTest {
  private static final SchemaRegistry VALIDATORS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private final Answers answers = new Answers(PieceTokenizer.usual());

  static List<Schemas> schemas() {
    return Schemas.all();
  }

  static Stream<Arguments> refused() {
    return Schemas.refused().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  static boolean isValid(Schema validator, String document) {
    return validator
        .validate(
            document,
            InputFormat.JSON,
            c -> c.executionConfig(e -> e.formatAssertionsEnabled(true)))
        .isEmpty();
  }

  static Schema validator(Schemas s) {
    return VALIDATORS.getSchema(s.schema());
  }

  /**
   * The document with its mail addresses moved to {@code .com}: the validator accepts only the
   * top-level domains that its release knew, where RFC 5321 has any letters.
   */
  private static String underAKnownDomain(String document) {
    return document.replaceAll("(@[A-Za-z0-9.-]+\\.)[A-Za-z]{2,10}\"", "$1com\"");
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void acceptsValidDocuments(Schemas s) {
    for (String document : s.valid()) {
      assertThat(isValid(validator(s), document)).as(document).isTrue();
      assertThat(answers.accepts(new Constraint.JsonSchema(s.schema()), document))
          .as(document)
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void refusesInvalidDocuments(Schemas s) {
    for (String document : s.invalid()) {
      assertThat(answers.accepts(new Constraint.JsonSchema(s.schema()), document))
          .as(document)
          .isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void randomAnswersAreValid(Schemas s) {
    int ended = 0;
    for (int seed = 0; seed < 300; seed++) {
      String document =
          answers.random(new Constraint.JsonSchema(s.schema()), new Random(seed), 300);
      if (document != null) {
        ended++;
        assertThat(isValid(validator(s), underAKnownDomain(document))).as(document).isTrue();
      }
    }
    assertThat(ended).as("answers that came to an end").isGreaterThan(100);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void namesWhatItCannotEnforce(String schema, String named) {
    assertThatThrownBy(() -> answers.compiler().start(new Constraint.JsonSchema(schema)))
        .isInstanceOfSatisfying(
            InvalidRequest.class, e -> assertThat(e.parameter()).isEqualTo("response_format"))
        .hasMessageContaining(named);
  }
}
