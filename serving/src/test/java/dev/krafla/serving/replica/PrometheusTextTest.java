package dev.krafla.serving.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.testing.Damage;
import dev.krafla.testing.Fuzz;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {
  private static final String GOOD =
      """
      # HELP a:b Some help with {braces} and "quotes".
      # TYPE a:b gauge
      a:b{x="1",y="two, \\"three\\" \\\\ \\n"} 1.5
      a:b{x="2"} 2 1700000000000
      plain 7
      odd{le="+Inf"} +Inf
      nothing NaN
      """;

  @Test
  void readsNamesLabelsAndValues() {
    PrometheusText text = PrometheusText.parse(GOOD);
    assertThat(text.sum("a:b")).hasValue(3.5);
    assertThat(text.max("a:b")).hasValue(2);
    assertThat(text.sum("plain")).hasValue(7);
    assertThat(text.sum("nothing")).isEmpty();
    assertThat(text.sum("odd")).isEmpty();
    assertThat(text.first("a:b").orElseThrow().labels())
        .containsEntry("x", "1")
        .containsEntry("y", "two, \"three\" \\ \n");
  }

  @Test
  void damagedTextNeverFails() {
    List<String> spare = List.of("{", "}", "\"", "=\"", ",", "\\", " ", "\n", "#", "1e999", "NaN");
    Fuzz.check(
        3000,
        Duration.ofSeconds(3),
        random -> {
          PrometheusText text = PrometheusText.parse(Damage.text(GOOD, spare, random));
          return text.sum("a:b").isPresent();
        });
  }
}
