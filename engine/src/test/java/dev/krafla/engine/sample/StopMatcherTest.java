package dev.krafla.engine.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
  @Test
  void textIsHeldBackOnlyWhileItCouldBecomeAStopString() {
    var matcher = new StopMatcher(List.of("END"));
    assertThat(matcher.add("the E")).isEqualTo("the ");
    assertThat(matcher.add("N")).isEmpty();
    assertThat(matcher.add("ough")).isEqualTo("ENough");
    assertThat(matcher.add(" EN")).isEqualTo(" ");
    assertThat(matcher.finish()).isEqualTo("EN");
    assertThat(matcher.stopped()).isFalse();
  }

  @Test
  void theStopStringAndWhatFollowsAreNeverShown() {
    var matcher = new StopMatcher(List.of("\n\n", "User:"));
    assertThat(matcher.add("Hi\nUs")).isEqualTo("Hi\n");
    assertThat(matcher.add("er: more")).isEmpty();
    assertThat(matcher.stopped()).isTrue();
    assertThat(matcher.add("and more")).isEmpty();
    assertThat(matcher.finish()).isEmpty();
  }

  @Test
  void aStopStringThatOverlapsItselfIsFound() {
    var matcher = new StopMatcher(List.of("aab"));
    assertThat(matcher.add("aa") + matcher.add("a") + matcher.add("b")).isEqualTo("a");
    assertThat(matcher.stopped()).isTrue();
  }

  @Test
  void theResultDoesNotDependOnHowTheTextIsCut() {
    for (long seed = 0; seed < 2_000; seed++) {
      var random = new SplittableRandom(seed);
      List<String> stops =
          List.of(word(random, 1 + random.nextInt(4)), word(random, 2 + random.nextInt(3)));
      String text = word(random, 30);
      var whole = new StopMatcher(stops);
      String expected = whole.add(text) + (whole.stopped() ? "" : whole.finish());
      var pieces = new StopMatcher(stops);
      var shown = new StringBuilder();
      for (int at = 0; at < text.length() && !pieces.stopped(); ) {
        int end = Math.min(text.length(), at + 1 + random.nextInt(5));
        shown.append(pieces.add(text.substring(at, end)));
        at = end;
      }
      shown.append(pieces.finish());
      assertThat(shown.toString()).as("%s in %s", stops, text).isEqualTo(expected);
      assertThat(pieces.stopped()).isEqualTo(whole.stopped());
      if (whole.stopped()) {
        assertThat(stops.stream().anyMatch(s -> text.startsWith(expected + s))).isTrue();
      } else {
        assertThat(expected).isEqualTo(text);
        assertThat(stops.stream().noneMatch(text::contains)).isTrue();
      }
    }
  }

  private static String word(SplittableRandom random, int length) {
    var word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(3)));
    }
    return word.toString();
  }
}
