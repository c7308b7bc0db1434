package dev.krafla.screen.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.screen.Action;
import dev.krafla.screen.ActionResult;
import dev.krafla.screen.Observation.Download;
import dev.krafla.screen.Outcome;
import dev.krafla.screen.Point;
import dev.krafla.screen.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActionTest {
  @Test
  void aDialogOfTheBrowserHoldsEverythingUntilItIsAnswered() {
    try (var page = TestBrowser.open("dialogs.html")) {
      ActionResult opened = page.click(Role.BUTTON, "Alert");
      assertThat(opened.outcome()).contains(Outcome.DIALOG_OPEN);
      assertThat(opened.message()).contains("Careful!");
      assertThat(page.screen().modal()).isPresent();
      assertThat(page.click(Role.BUTTON, "Confirm").outcome()).contains(Outcome.DIALOG_OPEN);
      page.click(Role.BUTTON, "OK");
      assertThat(page.text()).contains("alerted");
      page.click(Role.BUTTON, "Confirm");
      page.click(Role.BUTTON, "Cancel");
      assertThat(page.text()).contains("confirmed false");
      page.click(Role.BUTTON, "Prompt");
      page.perform(new Action.Type(page.node(Role.TEXTBOX, "Answer").ref(), "Ada"));
      page.click(Role.BUTTON, "OK");
      assertThat(page.text()).contains("named Ada");
    }
  }

  @Test
  void aDialogOfThePageComesLateAndIsModal() {
    try (var page = TestBrowser.open("dialogs.html")) {
      page.click(Role.BUTTON, "Modal");
      assertThat(page.screen().modal()).isPresent();
      page.click(Role.BUTTON, "Agree");
      assertThat(page.text()).contains("agreed");
    }
  }

  @Test
  void cardsAreDroppedAndKnobsDragged() {
    try (var page = TestBrowser.open("drag.html")) {
      page.perform(
          new Action.Drag(
              page.screen().stream()
                  .filter(n -> n.text().equals("Card"))
                  .findFirst()
                  .orElseThrow()
                  .ref(),
              page.node(Role.REGION, "Tray").ref()));
      assertThat(page.text()).contains("dropped card");
      page.perform(new Action.Drag(page.node(Role.BUTTON, "Knob").ref(), new Point(333, 270)));
      assertThat(page.text()).contains("knob at 333");
    }
  }

  @Test
  void filesAreGivenToFieldsAndToWhatAsksForThem(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("cat.txt"), "meow");
    try (var page = TestBrowser.open("files.html")) {
      page.perform(
          new Action.Upload(
              page.screen().stream()
                  .filter(n -> n.can(dev.krafla.screen.ActionKind.UPLOAD))
                  .findFirst()
                  .orElseThrow()
                  .ref(),
              List.of(file)));
      assertThat(page.text()).contains("got cat.txt 4");
      page.perform(new Action.Upload(page.node(Role.BUTTON, "Attach").ref(), List.of(file)));
      assertThat(page.text()).contains("hidden got cat.txt");
      ActionResult missing =
          page.perform(
              new Action.Upload(
                  page.node(Role.BUTTON, "Attach").ref(), List.of(folder.resolve("no.txt"))));
      assertThat(missing.outcome()).contains(Outcome.NOT_FOUND);
    }
  }

  @Test
  void downloadsGoToTheirFolderAndNewTabsAreFollowed() throws IOException {
    try (var page = TestBrowser.openAlone("files.html")) {
      ActionResult got = page.click(Role.LINK, "Report");
      assertThat(got.after().downloads())
          .singleElement()
          .satisfies(d -> assertThat(d.progress()).isEqualTo(Download.Progress.DONE));
      Path file = Path.of(got.after().downloads().getFirst().file());
      assertThat(file).startsWith(TestBrowser.downloads()).hasContent("twelve bytes");
      ActionResult tab = page.click(Role.LINK, "New tab");
      assertThat(tab.outcome()).contains(Outcome.NAVIGATED);
      assertThat(page.screen().title()).isEqualTo("Menu");
      assertThat(tab.after().tabs()).hasSize(2);
      String first = tab.after().tabs().getFirst().id();
      page.perform(new Action.Switch(first, false));
      assertThat(page.screen().title()).isEqualTo("Files");
      ActionResult closed = page.perform(new Action.Switch(first, true));
      assertThat(closed.after().tabs()).hasSize(1);
      assertThat(page.screen().title()).isEqualTo("Menu");
    }
  }

  @Test
  void anActionEndsWhenThePageIsQuietAndWaitWaitsLonger() {
    try (var page = TestBrowser.open("late.html")) {
      page.click(Role.BUTTON, "Fetch");
      assertThat(page.text()).contains("fetched twelve bytes");
      page.click(Role.BUTTON, "Fade");
      assertThat(page.text()).contains("faded");
      page.click(Role.BUTTON, "Slow");
      ActionResult waited =
          page.perform(new Action.Wait(Optional.of("at last"), false, Duration.ofSeconds(20)));
      assertThat(waited.done()).isTrue();
      assertThat(page.text()).contains("at last");
      ActionResult never =
          page.perform(new Action.Wait(Optional.of("never"), false, Duration.ofMillis(50)));
      assertThat(never.outcome()).contains(Outcome.TIMEOUT);
    }
  }

  @Test
  void listsThatAreNoSelectsAreOpenedAndChosenFrom() {
    try (var page = TestBrowser.open("combo.html")) {
      page.perform(new Action.Select(page.node(Role.COMBOBOX, "Colour").ref(), List.of("Blue")));
      assertThat(page.text()).contains("picked Blue");
      page.perform(new Action.SetTo(page.node(Role.SLIDER, "Level").ref(), "7"));
      assertThat(page.node(Role.SLIDER, "Level").value()).contains("7");
    }
  }

  @Test
  void hoverAndKeysReachThePage() {
    try (var page = TestBrowser.open("combo.html")) {
      page.perform(new Action.Hover(page.node(Role.BUTTON, "Hover me").ref()));
      assertThat(page.text()).contains("tip shown");
      page.click(Role.TEXTBOX, "Keys");
      page.perform(new Action.Key("Control+K"));
      assertThat(page.text()).contains("true k KeyK 75");
      page.perform(new Action.Key("F5"));
      assertThat(page.perform(new Action.Key("Hyper+Q")).outcome()).contains(Outcome.NOT_FOUND);
    }
  }

  @Test
  void cardsAndTablesAreReadAsRecords() {
    try (var page = TestBrowser.open("cards.html")) {
      ActionResult read = page.perform(new Action.Read(Optional.empty(), ""));
      assertThat(read.content().orElseThrow())
          .contains("- iPhone 15 <" + TestBrowser.url("p/2") + "> | € 699 | € 799 | Buy")
          .contains("Model | Price")
          .contains("Large | 2")
          .contains("## About\nOne bold word.\nSecond.");
      ActionResult found = page.perform(new Action.Read(Optional.empty(), "pro 999"));
      assertThat(found.content().orElseThrow().lines()).hasSize(1);
    }
  }
}
