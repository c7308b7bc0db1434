package dev.krafla.screen.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.screen.Action;
import dev.krafla.screen.ActionResult;
import dev.krafla.screen.Node;
import dev.krafla.screen.Outcome;
import dev.krafla.screen.Role;
import dev.krafla.screen.State;
import org.junit.jupiter.api.Test;

class ClickTest {
  @Test
  void aClickThatOpensAMenuTellsWhatAppeared() {
    try (var page = TestBrowser.open("menu.html")) {
      ActionResult opened = page.click(Role.BUTTON, "Menu");
      assertThat(opened.outcome()).isEmpty();
      assertThat(opened.diff().added())
          .extracting(Node::role)
          .contains(Role.MENU, Role.MENUITEM, Role.MENUITEM);
      assertThat(opened.diff().changed())
          .anySatisfy(c -> assertThat(c.after().is(State.EXPANDED)).isTrue());
      page.click(Role.MENUITEM, "Second");
      assertThat(page.text()).contains("second");
    }
  }

  @Test
  void aClickWithoutEffectSaysSo() {
    try (var page = TestBrowser.open("menu.html")) {
      page.click(Role.BUTTON, "Nothing"); // takes the focus, which can be seen
      assertThat(page.click(Role.BUTTON, "Nothing").outcome()).contains(Outcome.NO_EFFECT);
    }
  }

  @Test
  void aLinkNavigatesAndBackReturns() {
    try (var page = TestBrowser.open("menu.html")) {
      ActionResult there = page.click(Role.LINK, "To the form");
      assertThat(there.outcome()).contains(Outcome.NAVIGATED);
      assertThat(page.screen().title()).isEqualTo("Form");
      ActionResult back = page.perform(new Action.Back());
      assertThat(back.outcome()).contains(Outcome.NAVIGATED);
      assertThat(page.screen().title()).isEqualTo("Menu");
    }
  }
}
