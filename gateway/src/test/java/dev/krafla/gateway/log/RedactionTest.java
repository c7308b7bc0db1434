package dev.krafla.gateway.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.testing.Fuzz;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken out of bodies before they are kept. */
class RedactionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "use sk-HUSHHUSHHUSHHUSH1234 please",
        "sk-ant-api03-HUSHHUSHHUSHHUSH",
        "Authorization: Bearer HUSHHUSH.HUSH",
        "{\"password\": \"HUSH \\\" HUSH\", \"n\": 1}",
        "{\"content\": \"{\\\"api_key\\\": \\\"HUSH-1\\\"}\"}",
        "ghp_HUSHHUSHHUSHHUSHHUSH1234",
        "AKIAHUSHHUSHHUSHHUSH",
        "eyJHUSHHUSHHUSH.eyJHUSHHUSHHUSH.HUSHHUSH",
        "-----BEGIN RSA PRIVATE KEY-----\\nHUSH\\n-----END RSA PRIVATE KEY-----"
      })
  void takesOutSecrets(String text) {
    assertThat(Redaction.of(text)).doesNotContain("HUSH").contains("[secret]");
  }

  @Test
  void leavesWhatIsAroundThem() {
    assertThat(Redaction.of("{\"password\": \"x\", \"model\": \"m\"}"))
        .isEqualTo("{\"password\": \"[secret]\", \"model\": \"m\"}");
    String innocent = "The password is no secret; skip the ask-anything basic task. Größe 大小 🌋";
    assertThat(Redaction.of(innocent)).isEqualTo(innocent);
  }

  @Test
  void leavesOfAPictureThatItWasOne() {
    String url = "data:image/png;base64," + "iVBORw0KGgo".repeat(20) + "==";
    assertThat(Redaction.of("{\"url\":\"" + url + "\"}"))
        .isEqualTo("{\"url\":\"data:image/png;base64,…\"}");
  }

  @Test
  void neverFailsOnLongTextOfItsOwnPatterns() {
    List<String> pieces =
        List.of(
            "\"password\":\"",
            "\\",
            "\"",
            "sk-",
            "eyJ",
            ".",
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "bearer ",
            "data:image/png;base64,",
            "a",
            "\\\"secret\\\":\\\"",
            "A".repeat(100));
    Fuzz.check(
        60,
        Duration.ofSeconds(5),
        random -> {
          String text = text(pieces, random);
          return Redaction.of(text).length() < text.length();
        });
  }

  private static String text(List<String> pieces, SplittableRandom random) {
    var text = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      text.append(pieces.get(random.nextInt(pieces.size())));
    }
    return text.toString();
  }
}
