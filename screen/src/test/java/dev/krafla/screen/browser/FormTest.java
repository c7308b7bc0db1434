package dev.krafla.screen.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.screen.Action;
import dev.krafla.screen.ActionKind;
import dev.krafla.screen.ActionResult;
import dev.krafla.screen.Node;
import dev.krafla.screen.Outcome;
import dev.krafla.screen.Role;
import dev.krafla.screen.State;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FormTest {
  @Test
  void fieldsAreSeenWithNamesValuesAndStates() {
    try (var page = TestBrowser.open("form.html")) {
      assertThat(page.screen().title()).isEqualTo("Form");
      assertThat(page.node(Role.HEADING, "Order").value()).contains("1");
      assertThat(page.node(Role.TEXTBOX, "Search").can(ActionKind.TYPE)).isTrue();
      assertThat(page.node(Role.COMBOBOX, "Size").value()).contains("Small");
      assertThat(page.node(Role.COMBOBOX, "Size").children())
          .extracting(Node::name)
          .containsExactly("Small", "Medium", "Large");
      assertThat(page.node(Role.CHECKBOX, "Gift").is(State.CHECKED)).isFalse();
      assertThat(page.node(Role.SLIDER, "Amount").value()).contains("3");
      assertThat(page.node(Role.TEXTBOX, "Note").value()).contains("old");
      assertThat(page.node(Role.BUTTON, "Off").interactive()).isFalse();
      assertThat(page.node(Role.TEXTBOX, "Fixed").is(State.READONLY)).isTrue();
    }
  }

  @Test
  void aPasswordIsNeverRead() {
    try (var page = TestBrowser.open("form.html")) {
      Node secret = page.node(Role.TEXTBOX, "Secret");
      assertThat(secret.is(State.PROTECTED)).isTrue();
      assertThat(page.screen().toString()).doesNotContain("hunter2");
    }
  }

  @Test
  void aFormIsFilledInAndSent() {
    try (var page = TestBrowser.open("form.html")) {
      ActionResult typed =
          page.perform(new Action.Type(page.node(Role.TEXTBOX, "Search").ref(), "Hé €5 (x)!"));
      assertThat(typed.outcome()).isEmpty();
      assertThat(page.node(Role.TEXTBOX, "Search").value()).contains("Hé €5 (x)!");
      page.perform(new Action.Select(page.node(Role.COMBOBOX, "Size").ref(), List.of("Medium")));
      page.perform(new Action.SetTo(page.node(Role.CHECKBOX, "Gift").ref(), "on"));
      page.perform(new Action.SetTo(page.node(Role.TEXTBOX, "Day").ref(), "2026-11-24"));
      page.perform(new Action.SetTo(page.node(Role.SLIDER, "Amount").ref(), "7"));
      ActionResult sent = page.click(Role.BUTTON, "Send");
      assertThat(sent.done()).isTrue();
      assertThat(page.text()).contains("sent Hé €5 (x)! m true 2026-11-24 7");
      assertThat(sent.diff().added()).extracting(Node::name).anyMatch(n -> n.contains("sent"));
    }
  }

  @Test
  void whatIsThereIsReplacedOrAddedTo() {
    try (var page = TestBrowser.open("form.html")) {
      page.perform(
          new Action.Type(
              Optional.of(page.node(Role.TEXTBOX, "Note").ref()), " and new", false, false, false));
      assertThat(page.node(Role.TEXTBOX, "Note").value()).contains("old and new");
      page.perform(new Action.Type(page.node(Role.TEXTBOX, "Note").ref(), "new"));
      assertThat(page.node(Role.TEXTBOX, "Note").value()).contains("new");
      page.perform(new Action.Type(page.node(Role.TEXTBOX, "Note").ref(), ""));
      assertThat(page.node(Role.TEXTBOX, "Note").value()).isEmpty();
      page.perform(new Action.Type(page.node(Role.TEXTBOX, "Rich").ref(), "finish"));
      assertThat(page.text()).contains("finish").doesNotContain("start");
    }
  }

  @Test
  void enterSendsAForm() {
    try (var page = TestBrowser.open("form.html")) {
      page.perform(
          new Action.Type(
              Optional.of(page.node(Role.TEXTBOX, "Search").ref()), "tea", true, true, false));
      assertThat(page.text()).contains("sent tea Small");
    }
  }

  @Test
  void whatIsDisabledOrReadOnlyIsRefused() {
    try (var page = TestBrowser.open("form.html")) {
      assertThat(page.click(Role.BUTTON, "Off").outcome()).contains(Outcome.DISABLED);
      ActionResult typed =
          page.perform(new Action.Type(page.node(Role.TEXTBOX, "Fixed").ref(), "other"));
      assertThat(typed.outcome()).contains(Outcome.DISABLED);
      assertThat(page.node(Role.TEXTBOX, "Fixed").value()).contains("same");
    }
  }

  @Test
  void anOptionThatIsNotThereIsNamedWithThoseThatAre() {
    try (var page = TestBrowser.open("form.html")) {
      ActionResult result =
          page.perform(new Action.Select(page.node(Role.COMBOBOX, "Size").ref(), List.of("Huge")));
      assertThat(result.outcome()).contains(Outcome.NOT_FOUND);
      assertThat(result.message()).contains("Huge", "Small", "Medium");
    }
  }
}
