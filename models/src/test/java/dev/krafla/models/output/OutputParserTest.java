package dev.krafla.models.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.models.output.Samples.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OutputParserTest {
  private static final int RANDOM_CUTS = 200;
  private static final int LONGEST_PIECE = 24; // longer than any marker

  static List<Sample> samples() {
    return Samples.all();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void readsAnAnswerAsAWhole(Sample sample) {
    assertThat(Parsed.of(sample.parser(), List.of(sample.answer()))).isEqualTo(sample.expected());
  }

  @ParameterizedTest
  @MethodSource("samples")
  void readsTheSameFromEveryCutInTwo(Sample sample) {
    String answer = sample.answer();
    for (int i = 0; i <= answer.length(); i++) {
      List<String> pieces = List.of(answer.substring(0, i), answer.substring(i));
      assertThat(Parsed.of(sample.parser(), pieces))
          .as(pieces::toString)
          .isEqualTo(sample.expected());
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void readsTheSameHoweverAPieceIsCutOut(Sample sample) {
    String answer = sample.answer();
    for (int i = 0; i <= answer.length(); i++) {
      for (int j = i; j <= Math.min(answer.length(), i + LONGEST_PIECE); j++) {
        List<String> pieces =
            List.of(answer.substring(0, i), answer.substring(i, j), answer.substring(j));
        assertThat(Parsed.of(sample.parser(), pieces))
            .as(pieces::toString)
            .isEqualTo(sample.expected());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void readsTheSameFromSingleCharactersAndRandomPieces(Sample sample) {
    String answer = sample.answer();
    List<String> characters = answer.chars().mapToObj(c -> String.valueOf((char) c)).toList();
    assertThat(Parsed.of(sample.parser(), characters)).isEqualTo(sample.expected());
    Random random = new Random(answer.hashCode());
    for (int i = 0; i < RANDOM_CUTS; i++) {
      List<String> pieces = cut(answer, random);
      assertThat(Parsed.of(sample.parser(), pieces))
          .as(pieces::toString)
          .isEqualTo(sample.expected());
    }
  }

  /** {@code text} in random pieces, empty ones among them. */
  static List<String> cut(String text, Random random) {
    List<String> pieces = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int next = Math.min(text.length(), at + random.nextInt(random.nextBoolean() ? 4 : 20));
      pieces.add(text.substring(at, next));
      at = next;
    }
    return pieces;
  }

  @Test
  void streamsArgumentsAsTheyCome() {
    OutputParser parser = OutputFormat.HERMES.parser(Samples.TOOLS, false);

    assertThat(parser.add("<tool_call>{\"name\": \"run\", \"arguments\": ")).isEmpty();
    assertThat(parser.add("{\"a\": \"so"))
        .containsExactly(
            new OutputEvent.ToolCallStart(0, "run"),
            new OutputEvent.ToolArguments(0, "{\"a\": \"so"));
    assertThat(parser.add(" far\\u00"))
        .containsExactly(new OutputEvent.ToolArguments(0, " far\\u00"));
    assertThat(parser.add("e9\"}"))
        .containsExactly(new OutputEvent.ToolArguments(0, "e9\"}"), new OutputEvent.ToolCallEnd(0));
    assertThat(parser.add("}</tool_call>")).isEmpty();
    assertThat(parser.finish()).isEmpty();
  }

  @Test
  void streamsTextThatCannotBecomeAMarker() {
    OutputParser parser = OutputFormat.HERMES.parser(Samples.TOOLS, false);

    assertThat(parser.add("1 <")).containsExactly(new OutputEvent.Text("1"));
    assertThat(parser.add(" 2")).containsExactly(new OutputEvent.Text(" < 2"));
  }

  @Test
  void decidesAgainstJsonThatIsNoCallAtItsFirstMember() {
    OutputParser parser = OutputFormat.JSON.parser(Samples.TOOLS, false);

    assertThat(parser.add("{\"city\"")).containsExactly(new OutputEvent.Text("{\"city\""));
  }

  @Test
  void readsNoCallsWhereNoToolsWereOffered() {
    String answer = "<tool_call>{\"name\":\"run\",\"arguments\":{}}</tool_call>";

    for (OutputFormat format : OutputFormat.values()) {
      assertThat(Parsed.of(format.parser(Set.of(), false), List.of(answer)))
          .containsExactly("say " + answer);
    }
  }

  @Test
  void readsNothingButTextWhereAnAnswerIsHeldToAForm() {
    assertThat(Parsed.of(OutputParser.plain(), List.of("<think>", "x</think>")))
        .containsExactly("say <think>x</think>");
  }
}
