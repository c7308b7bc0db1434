package dev.krafla.screen.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.screen.Action;
import dev.krafla.screen.ActionKind;
import dev.krafla.screen.ActionResult;
import dev.krafla.screen.Node;
import dev.krafla.screen.Outcome;
import dev.krafla.screen.Role;
import dev.krafla.screen.State;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PerceptionTest {
  @ParameterizedTest
  @ValueSource(strings = {"near", "far"}) // of the same site, and drawn by another process
  void framesAreSeenAndActedOn(String frame) {
    try (var page = TestBrowser.open("frames.html")) {
      Node button = page.node(Role.BUTTON, "press " + frame);
      assertThat(button.frame()).isNotEmpty();
      assertThat(button.is(State.OFFSCREEN)).isTrue();
      page.click(Role.BUTTON, "press " + frame);
      assertThat(page.node(Role.BUTTON, "pressed " + frame).is(State.OFFSCREEN)).isFalse();
      page.perform(new Action.Type(page.node(Role.TEXTBOX, "field " + frame).ref(), "words"));
      assertThat(page.node(Role.TEXTBOX, "field " + frame).value()).contains("words");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "closed"})
  void shadowRootsAreSeenAndActedOn(String mode) {
    try (var page = TestBrowser.open("shadow.html")) {
      page.click(Role.BUTTON, "in " + mode);
      assertThat(page.screen().named(Role.BUTTON, "done " + mode)).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"star, starred", "trash can, trashed", "Delegated, by hand", "top left, nameless"})
  void whatOnlyListensOrLooksClickableIsAButtonWithAGuessedName(String name, String said) {
    try (var page = TestBrowser.open("hidden-signs.html")) {
      Node node = page.node(Role.BUTTON, name);
      assertThat(node.confidence()).isLessThan(1);
      page.click(Role.BUTTON, name);
      assertThat(page.text()).contains(said);
    }
  }

  @Test
  void aPictureInTheBackgroundIsNamedByItsClassOrFile() {
    try (var page = TestBrowser.open("hidden-signs.html")) {
      assertThat(page.screen().stream().filter(n -> n.role() == Role.IMAGE))
          .extracting(Node::name)
          .containsExactly("plain");
    }
  }

  @Test
  void whatLiesUnderSomethingIsSaidToAndNotClicked() {
    try (var page = TestBrowser.open("covered.html")) {
      assertThat(page.node(Role.BUTTON, "Under").is(State.OBSCURED)).isTrue();
      assertThat(page.node(Role.BUTTON, "Close").is(State.OBSCURED)).isFalse();
      ActionResult refused = page.click(Role.BUTTON, "Under");
      assertThat(refused.outcome()).contains(Outcome.OBSCURED);
      assertThat(refused.message()).contains("Cookies?");
      page.click(Role.BUTTON, "Close");
      page.click(Role.BUTTON, "Under");
      assertThat(page.text()).contains("under");
    }
  }

  @Test
  void whatIsOffTheScreenIsSaidToAndReached() {
    try (var page = TestBrowser.open("scroll.html")) {
      assertThat(page.node(Role.BUTTON, "Below").is(State.OFFSCREEN)).isTrue();
      assertThat(page.node(Role.BUTTON, "Deep").is(State.OFFSCREEN)).isTrue();
      assertThat(page.node(Role.REGION, "Box").is(State.SCROLLABLE)).isTrue();
      page.click(Role.BUTTON, "Deep");
      assertThat(page.text()).contains("inside");
      page.click(Role.BUTTON, "Below");
      assertThat(page.text()).contains("below");
    }
  }

  @Test
  void scrollingMovesThePageItsPartsAndBringsMore() {
    try (var page = TestBrowser.open("scroll.html")) {
      ActionResult down = page.perform(new Action.Scroll(Optional.empty(), 0, 300));
      assertThat(down.outcome()).isEmpty();
      assertThat(page.screen().viewport().y()).isGreaterThan(200);
      page.perform(new Action.Scroll(Optional.empty(), 0, -1000));
      page.perform(new Action.Scroll(Optional.of(page.node(Role.REGION, "Box").ref()), 0, 1000));
      assertThat(page.node(Role.BUTTON, "Deep").is(State.OFFSCREEN)).isFalse();
      page.perform(new Action.Scroll(Optional.empty(), 0, 10_000));
      page.perform(new Action.Scroll(Optional.empty(), 0, 10_000));
      assertThat(page.text()).contains("item 25");
    }
  }

  @Test
  void aCanvasIsOpaqueAndTakesPoints() {
    try (var page = TestBrowser.open("combo.html")) {
      Node canvas = page.node(Role.CANVAS, "Board");
      assertThat(canvas.can(ActionKind.CLICK)).isTrue();
      double x = canvas.bounds().x() + 30;
      double y = canvas.bounds().y() + 40;
      page.perform(new Action.Click(new dev.krafla.screen.Point(x, y)));
      assertThat(page.text()).contains("at 30,40");
    }
  }

  @Test
  void anAddressThatCannotBeOpenedIsNotFound() {
    try (var page = TestBrowser.open("menu.html")) {
      ActionResult result = page.perform(new Action.Open("http://127.0.0.1:9/"));
      assertThat(result.outcome()).contains(Outcome.NOT_FOUND);
      assertThat(result.message()).contains("ERR_");
    }
  }
}
