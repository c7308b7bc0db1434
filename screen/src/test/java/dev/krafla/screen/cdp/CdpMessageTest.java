package dev.krafla.screen.cdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.screen.ProtocolException;
import dev.krafla.testing.Damage;
import dev.krafla.testing.DamagedJson;
import dev.krafla.testing.Fuzz;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CdpMessageTest {
  private static final List<String> GOOD =
      List.of(
          "{\"id\":7,\"result\":{\"nodes\":[1,2]},\"sessionId\":\"S\"}",
          "{\"id\":8,\"error\":{\"code\":-32000,\"message\":\"No node\"},\"sessionId\":\"S\"}",
          "{\"method\":\"Page.loadEventFired\",\"params\":{\"timestamp\":1.5},\"sessionId\":\"S\"}");

  @Test
  void answersRefusalsAndEventsAreToldApart() {
    assertThat(CdpMessage.parse(GOOD.get(0)))
        .isInstanceOfSatisfying(
            CdpMessage.Reply.class,
            r -> {
              assertThat(r.id()).isEqualTo(7);
              assertThat(r.session()).isEqualTo("S");
              assertThat(r.result().path("nodes").size()).isEqualTo(2);
            });
    assertThat(CdpMessage.parse(GOOD.get(1)))
        .isEqualTo(new CdpMessage.Refusal(8, "S", -32000, "No node"));
    assertThat(CdpMessage.parse(GOOD.get(2)))
        .isInstanceOfSatisfying(
            CdpMessage.Event.class, e -> assertThat(e.method()).isEqualTo("Page.loadEventFired"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{}", "{\"id\":\"x\"}", "{\"id\":1.5}", "{\"method\":3}", "{"})
  void whatIsNoMessageIsRefused(String text) {
    assertThatThrownBy(() -> CdpMessage.parse(text)).isInstanceOf(ProtocolException.class);
  }

  @Test
  void damagedMessagesAreReadOrRefusedAndNothingElse() {
    Fuzz.check(
        2000,
        Duration.ofSeconds(2),
        random -> {
          String good = GOOD.get(random.nextInt(GOOD.size()));
          String text =
              random.nextBoolean()
                  ? DamagedJson.of(good, random)
                  : Damage.text(good, List.of("{", "\"", "\\u"), random);
          try {
            return CdpMessage.parse(text) != null;
          } catch (ProtocolException e) {
            return false;
          }
        });
  }
}
