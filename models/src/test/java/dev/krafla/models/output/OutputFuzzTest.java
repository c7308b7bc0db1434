package dev.krafla.models.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/** Answers put together at random from what calls are made of. */
class OutputFuzzTest {
  private static final int ANSWERS = 1500;
  private static final int MAX_PARTS = 40;
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern WORD = Pattern.compile("w[0-9]+w");

  private static final List<String> PARTS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          " ",
          "\n",
          "\t ",
          ";",
          "<",
          "</",
          "`",
          "\"name\"",
          "\"run\"",
          "\"arguments\"",
          "\"parameters\"",
          "\"function\"",
          "\"type\"",
          "1",
          "-2.5e1",
          "null",
          "true",
          "\"a\"",
          "\"\\u00e9\\n\"",
          "\"{}\"",
          "run",
          "function",
          "json",
          "{\"a\":",
          "{\"name\":\"run\",\"arguments\":",
          "{\"name\": \"run\", \"arguments\": {}}",
          "{\"arguments\": {\"a\": [1]}, \"name\": \"run\"}",
          "{\"name\":\"other\",\"arguments\":{}}",
          "\"{\\\"a\\\": 1}\"",
          "{\"x\": {\"y\": \"}\"}}");

  private static List<String> markers(OutputFormat format) {
    return switch (format) {
      case PLAIN -> List.of("<think>");
      case HERMES -> List.of("<tool_call>", "</tool_call>", "```", "```json\n");
      case LLAMA3 -> List.of("<|python_tag|>", "; ");
      case MISTRAL -> List.of("[TOOL_CALLS]", "[ARGS]", "[TOOL_CALLS]run[ARGS]");
      case DEEPSEEK ->
          List.of(
              "<｜tool▁calls▁begin｜>",
              "<｜tool▁call▁begin｜>",
              "<｜tool▁sep｜>",
              "\n```json\n",
              "<｜tool▁call▁end｜>",
              "<｜tool▁calls▁end｜>",
              "<｜tool▁call▁begin｜>run<｜tool▁sep｜>",
              "<｜tool▁call▁begin｜>function<｜tool▁sep｜>run\n```json\n");
      case JSON -> List.of("```", "```json\n", "```tool_call\n");
    };
  }

  private static String answer(Random random, OutputFormat format) {
    List<String> markers = markers(format);
    StringBuilder text = new StringBuilder();
    int parts = 1 + random.nextInt(MAX_PARTS);
    for (int i = 0; i < parts; i++) {
      switch (random.nextInt(4)) {
        case 0 -> text.append(markers.get(random.nextInt(markers.size())));
        case 1 -> text.append("w").append(i).append("w");
        default -> text.append(PARTS.get(random.nextInt(PARTS.size())));
      }
    }
    return text.toString();
  }

  private static List<String> words(String text) {
    return WORD.matcher(text).results().map(r -> r.group()).toList();
  }

  @ParameterizedTest
  @EnumSource
  void readsTheSameFromAnyPieces(OutputFormat format) {
    Random random = new Random(11);
    for (int i = 0; i < ANSWERS; i++) {
      String answer = answer(random, format);
      boolean opened = random.nextInt(8) == 0;
      List<String> pieces = OutputParserTest.cut(answer, random);
      assertThat(Parsed.of(format.parser(Samples.TOOLS, opened), pieces))
          .as(pieces::toString)
          .isEqualTo(Parsed.of(format.parser(Samples.TOOLS, opened), List.of(answer)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void losesNoWordThatIsNotMarkup(OutputFormat format) {
    Random random = new Random(12);
    int calls = 0;
    for (int i = 0; i < ANSWERS; i++) {
      String answer = answer(random, format);
      List<String> parsed =
          Parsed.of(format.parser(Samples.TOOLS, false), OutputParserTest.cut(answer, random));
      assertThat(words(String.join("|", parsed))).as(answer).isEqualTo(words(answer));
      calls += (int) parsed.stream().filter(p -> p.startsWith("call ")).count();
    }
    assertThat(calls > ANSWERS / 20).isEqualTo(format != OutputFormat.PLAIN);
  }

  @ParameterizedTest
  @EnumSource
  void givesEveryCharacterBackWhereNoToolCanBeMeant(OutputFormat format) {
    Random random = new Random(13);
    for (int i = 0; i < ANSWERS; i++) {
      String answer = "-" + answer(random, format); // no reasoning
      List<String> pieces = OutputParserTest.cut(answer, random);
      assertThat(Parsed.of(format.parser(Set.of("unnamed"), false), pieces))
          .as(pieces::toString)
          .containsExactly("say " + answer);
    }
  }

  @ParameterizedTest
  @EnumSource
  void endsOnlyCallsWhoseArgumentsAreAnObject(OutputFormat format) {
    Random random = new Random(14);
    for (int i = 0; i < ANSWERS; i++) {
      String answer = answer(random, format);
      for (String part : Parsed.of(format.parser(Samples.TOOLS, false), List.of(answer))) {
        if (part.startsWith("call ")) {
          String arguments = part.substring(part.indexOf('{'));
          assertThat(JSON.readTree(arguments).isObject()).as(answer).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void neverFailsOnBytesOfAnyKind(OutputFormat format) {
    Random random = new Random(15);
    for (int i = 0; i < ANSWERS / 4; i++) {
      StringBuilder text = new StringBuilder(answer(random, format));
      for (int n = random.nextInt(6); n > 0 && !text.isEmpty(); n--) {
        int at = random.nextInt(text.length());
        if (random.nextBoolean()) {
          text.deleteCharAt(at);
        } else {
          text.insert(at, (char) random.nextInt(random.nextBoolean() ? 128 : 0x10000));
        }
      }
      List<String> characters = new ArrayList<>();
      text.chars().forEach(c -> characters.add(String.valueOf((char) c)));
      assertThat(Parsed.of(format.parser(Samples.TOOLS, false), characters))
          .isEqualTo(Parsed.of(format.parser(Samples.TOOLS, false), List.of(text.toString())));
    }
  }
}
