package dev.krafla.screen.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.screen.Action;
import dev.krafla.screen.ActionResult;
import dev.krafla.screen.Outcome;
import dev.krafla.screen.Ref;
import dev.krafla.screen.Role;
import org.junit.jupiter.api.Test;

/** References fail closed. */
class RefTest {
  private static final String SWAP = "dispatchEvent(new Event('swap'))";

  private static void swap(TestBrowser.Visit page) {
    page.surface().tab().main().call("Runtime.evaluate", "expression", SWAP);
  }

  @Test
  void aNodeThatWasReplacedByItsLikeIsFoundAgainAndSaidToBe() {
    try (var page = TestBrowser.open("swap.html?same")) {
      Ref ref = page.node(Role.BUTTON, "Buy").ref();
      swap(page);
      ActionResult result = page.perform(new Action.Click(ref));
      assertThat(result.done()).isTrue();
      assertThat(result.message()).contains(ref.shortForm() + " was replaced");
      assertThat(page.text()).contains("bought Buy");
    }
  }

  @Test
  void aNodeThatWasReplacedByAnotherIsStale() {
    try (var page = TestBrowser.open("swap.html?other")) {
      Ref ref = page.node(Role.BUTTON, "Buy").ref();
      swap(page);
      ActionResult result = page.perform(new Action.Click(ref));
      assertThat(result.outcome()).contains(Outcome.STALE_REF);
      assertThat(result.diff().added()).anySatisfy(n -> assertThat(n.name()).isEqualTo("Sell"));
      assertThat(page.text()).contains("none");
    }
  }

  @Test
  void aNodeThatBecameSomethingElseIsStale() {
    try (var page = TestBrowser.open("swap.html?recycled")) {
      Ref ref = page.node(Role.BUTTON, "Buy").ref();
      swap(page);
      assertThat(page.perform(new Action.Click(ref)).outcome()).contains(Outcome.STALE_REF);
      assertThat(page.text()).contains("none");
      // What was looked at since does not make the old reference good.
      assertThat(page.perform(new Action.Click(ref)).outcome()).contains(Outcome.STALE_REF);
      Ref now = page.node(Role.BUTTON, "Sell").ref();
      assertThat(now.element()).isEqualTo(ref.element());
      page.perform(new Action.Click(now));
      assertThat(page.text()).contains("sold");
    }
  }

  @Test
  void oneOfSeveralAlikeIsNeverGuessed() {
    try (var page = TestBrowser.open("swap.html?list")) {
      Ref first = page.screen().named(Role.BUTTON, "Remove").getFirst().ref();
      swap(page);
      ActionResult result = page.perform(new Action.Click(first));
      assertThat(result.outcome()).contains(Outcome.STALE_REF);
      assertThat(result.message()).contains("2 others");
    }
  }

  @Test
  void aReferenceOfAnotherPageIsNotGood() {
    try (var page = TestBrowser.open("swap.html?same")) {
      Ref ref = page.node(Role.BUTTON, "Buy").ref();
      page.perform(new Action.Open(TestBrowser.url("menu.html")));
      assertThat(page.perform(new Action.Click(ref)).outcome()).contains(Outcome.STALE_REF);
      assertThat(page.perform(new Action.Click(new Ref(999_999, 1))).outcome())
          .contains(Outcome.NOT_FOUND);
    }
  }
}
