package dev.krafla.screen.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.screen.ActionKind;
import dev.krafla.screen.Bounds;
import dev.krafla.screen.Node;
import dev.krafla.screen.Ref;
import dev.krafla.screen.Role;
import dev.krafla.screen.Screen;
import dev.krafla.screen.Source;
import dev.krafla.screen.State;
import dev.krafla.screen.Trust;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScreenTextTest {
  private static final int BELOW = 600;

  private static Node node(int number, Role role, String name, boolean off, Node... children) {
    Set<State> states = off ? Set.of(State.OFFSCREEN) : Set.of();
    Set<ActionKind> actions = role.interactive() ? Set.of(ActionKind.CLICK) : Set.of();
    return new Node(
        new Ref(number, 1),
        role,
        name,
        Optional.empty(),
        states,
        Bounds.EMPTY,
        actions,
        Source.CDP,
        1,
        Trust.WEB,
        "",
        List.of(children));
  }

  /** Words, then links of which those from {@code BELOW} on are off the screen. */
  private static Screen page(int links) {
    List<Node> nodes = new ArrayList<>();
    nodes.add(node(1, Role.HEADING, "All links", false));
    for (int i = 2; i < links; i++) {
      nodes.add(node(2 * i, Role.TEXT, "about number " + i, i >= BELOW));
      nodes.add(node(2 * i + 1, Role.LINK, "link " + i, i >= BELOW));
    }
    Bounds view = new Bounds(0, 0, 1280, 800);
    return new Screen(
        "test",
        1,
        "http://x/",
        "Links",
        view,
        5000,
        1,
        Optional.empty(),
        Optional.empty(),
        nodes,
        0);
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 200, 1200, 4000})
  void aTextNeverCostsMoreThanItsBudget(int budget) {
    TokenCount tokens = TokenCount.estimate();
    String text = new ScreenText(budget, tokens).of(page(2000));
    assertThat(tokens.of(text)).isLessThanOrEqualTo(budget);
    assertThat(text).contains("lines more");
  }

  @Test
  void whatCanBeActedOnHereComesBeforeWordsAndBeforeWhatIsElsewhere() {
    String text = new ScreenText(1200, TokenCount.estimate()).of(page(2000));
    assertThat(text).contains("link 2").doesNotContain("about number").doesNotContain("link 700");
  }

  @Test
  void whatThereWasNoRoomForIsFound() {
    String found = ScreenText.standard().find(page(2000), "number 1999");
    assertThat(found).contains("about number 1999");
    assertThat(ScreenText.standard().find(page(10), "unicorn")).contains("nothing here says");
    assertThat(ScreenText.standard().find(page(2000), "link 1999")).startsWith("e3999 link");
  }

  @Test
  void aLabelIsNotSaidTwice() {
    List<Node> nodes =
        List.of(node(1, Role.TEXT, "Name", false), node(2, Role.TEXTBOX, "Name", false));
    Screen screen =
        new Screen(
            "test",
            1,
            "",
            "",
            new Bounds(0, 0, 9, 9),
            9,
            1,
            Optional.empty(),
            Optional.empty(),
            nodes,
            0);
    assertThat(ScreenText.standard().of(screen).lines().skip(1))
        .containsExactly("e2 textbox \"Name\"");
  }
}
