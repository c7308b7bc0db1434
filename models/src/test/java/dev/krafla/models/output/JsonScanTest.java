package dev.krafla.models.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

class JsonScanTest {
  private static final int TEXTS = 40_000;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
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
          "\"a\"",
          "\"\"",
          "\"\\u00e9\\\"\"",
          "\"\\x\"",
          "1",
          "0",
          "-",
          "1.5",
          "2e+3",
          ".5",
          "true",
          "null",
          "nul",
          "{\"a\":",
          "\"b\":1",
          "[1,2]",
          "{}",
          "[]");

  private static boolean isObject(String text) {
    var scan = new JsonScan();
    for (int i = 0; i < text.length(); i++) {
      if (scan.accept(text.charAt(i)) == JsonScan.Step.MISFIT) {
        return false;
      }
    }
    return scan.ended();
  }

  private static boolean isObjectToJackson(String text) {
    try {
      JSON.readTree(text);
      return true;
    } catch (JacksonException e) {
      return false;
    }
  }

  @Test
  void agreesWithJacksonOnWhatIsAnObject() {
    Random random = new Random(3);
    int valid = 0;
    for (int i = 0; i < TEXTS; i++) {
      StringBuilder text = new StringBuilder("{");
      for (int n = random.nextInt(8); n > 0; n--) {
        text.append(PARTS.get(random.nextInt(PARTS.size())));
      }
      text.append('}');
      boolean expected = isObjectToJackson(text.toString());
      assertThat(isObject(text.toString())).as(text::toString).isEqualTo(expected);
      valid += expected ? 1 : 0;
    }
    assertThat(valid).isGreaterThan(TEXTS / 200);
  }

  @Test
  void decodesNamesAndStrings() {
    var scan = new JsonScan();
    StringBuilder decoded = new StringBuilder();
    String text = "{\"\\u0041\\n\": \"\\\"\\ud83d\\ude00\\/\"}";
    text.chars()
        .forEach(c -> {
          scan.accept((char) c);
          if (scan.decoded() >= 0) {
            decoded.append((char) scan.decoded());
          }
        });

    assertThat(decoded).hasToString("A\n\"\ud83d\ude00/");
    assertThat(scan.ended()).isTrue();
  }
}
