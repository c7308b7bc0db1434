package dev.krafla.screen.browser;

import dev.krafla.screen.Action;
import dev.krafla.screen.ActionKind;
import dev.krafla.screen.ActionResult;
import dev.krafla.screen.Node;
import dev.krafla.screen.Observation;
import dev.krafla.screen.Outcome;
import dev.krafla.screen.ProtocolException;
import dev.krafla.screen.Ref;
import dev.krafla.screen.Role;
import dev.krafla.screen.Screen;
import dev.krafla.screen.ScreenDiff;
import dev.krafla.screen.ScreenException;
import dev.krafla.screen.SurfaceLostException;
import dev.krafla.screen.Target;
import dev.krafla.screen.browser.Hands.Did;
import dev.krafla.screen.cdp.CdpSession;
import dev.krafla.screen.render.Reading;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One action from its beginning to its result: act, wait until it is quiet, look, compare. */
final class Performance {
  private static final Duration DOWNLOAD = Duration.ofSeconds(2);
  private static final long LOAD_NANOS = Quiet.LONG.toNanos();

  private final BrowserSurface surface;
  private final Action action;
  private final long start;
  private Optional<String> content = Optional.empty();

  Performance(BrowserSurface surface, Action action, long start) {
    this.surface = surface;
    this.action = action;
    this.start = start;
  }

  ActionResult run() {
    Observation before = surface.lastOrEmpty();
    try {
      if (surface.last().isEmpty() && needsScreen()) {
        before = surface.look();
      }
      PageTab tab = surface.tab();
      int documents = tab.documents();
      int known = surface.downloads().list().size();
      tab.forgetRequests();
      Did did = act(tab);
      return switch (did) {
        case Did.Refused(Outcome outcome, String message) ->
            result(false, Optional.of(outcome), message, before, seenNow(before));
        case Did.Done(String note) -> {
          Quiet.await(surface.tab());
          Optional<PageTab> opened = surface.followNewTab();
          opened.ifPresent(Quiet::await);
          surface.downloads().settle(System.nanoTime() + DOWNLOAD.toNanos());
          Observation after = surface.look();
          boolean moved =
              opened.isPresent() || !surface.tab().equals(tab) || tab.documents() != documents;
          yield done(before, after, moved, note, known);
        }
      };
    } catch (SurfaceLostException e) {
      return result(
          false, Optional.of(Outcome.SURFACE_LOST), message(e), before, surface.lastOrEmpty());
    } catch (ProtocolException e) {
      return result(
          false,
          Optional.of(Outcome.UNKNOWN_OUTCOME),
          "it may or may not have been done: " + message(e),
          before,
          seenNow(before));
    } catch (IllegalArgumentException e) {
      return result(false, Optional.of(Outcome.NOT_FOUND), message(e), before, before);
    }
  }

  private static String message(RuntimeException e) {
    return String.valueOf(e.getMessage());
  }

  /** The screen now, or as it was when it cannot be seen. */
  private Observation seenNow(Observation before) {
    try {
      return surface.look();
    } catch (ScreenException e) {
      return before;
    }
  }

  private boolean needsScreen() {
    return switch (action.kind()) {
      case OPEN, BACK, SWITCH -> false;
      case CLICK, TYPE, KEY, SELECT, SET, SCROLL, DRAG, HOVER, UPLOAD, WAIT, READ -> true;
    };
  }

  private ActionResult result(
      boolean done,
      Optional<Outcome> outcome,
      String message,
      Observation before,
      Observation after) {
    return new ActionResult(
        action,
        done,
        outcome,
        message,
        BrowserSurface.diff(before, after),
        after,
        content,
        Duration.ofNanos(System.nanoTime() - start));
  }

  private ActionResult done(
      Observation before, Observation after, boolean moved, String note, int downloads) {
    Screen screen = after.screen();
    Optional<Outcome> outcome = Optional.empty();
    String message = note;
    boolean newDownload = after.downloads().size() > downloads;
    ScreenDiff diff = BrowserSurface.diff(before, after);
    if (screen.modal().isPresent() && screen.nodes().getFirst().role() == Role.DIALOG) {
      outcome = Optional.of(Outcome.DIALOG_OPEN);
      message += "a dialog has opened: " + screen.nodes().getFirst().text();
    } else if (moved || diff.moved()) {
      outcome = Optional.of(Outcome.NAVIGATED);
      message += "now at " + screen.location();
    } else if (newDownload) {
      message += "downloaded " + after.downloads().getLast().name();
    } else if (diff.isEmpty() && shouldShow() && !scrolled(before.screen(), screen)) {
      outcome = Optional.of(Outcome.NO_EFFECT);
      message += "done, but nothing on the screen has changed";
    }
    return result(true, outcome, message, before, after);
  }

  /** Whether the action is one that something should come of. */
  private boolean shouldShow() {
    return switch (action.kind()) {
      case CLICK, TYPE, KEY, SELECT, SCROLL, DRAG, BACK -> true;
      case SET, HOVER, UPLOAD, OPEN, SWITCH, WAIT, READ -> false;
    };
  }

  private static boolean scrolled(Screen before, Screen after) {
    if (!before.viewport().equals(after.viewport())) {
      return true;
    }
    List<Node> old = before.stream().toList();
    List<Node> now = after.stream().toList();
    for (int i = 0; i < Math.min(old.size(), now.size()); i++) {
      if (!old.get(i).bounds().equals(now.get(i).bounds())) {
        return true;
      }
    }
    return old.size() != now.size();
  }

  // ---- what is done ---------------------------------------------------------------------------

  private Did act(PageTab tab) {
    Optional<PageDialog> dialog = tab.dialog();
    if (dialog.isPresent()) {
      Optional<Did> answer = answer(tab, dialog.get());
      if (answer.isPresent()) {
        return answer.get();
      }
    }
    Locator locator = new Locator(tab, surface.refs(), surface::look);
    Hands hands = new Hands(tab, locator, () -> surface.lastOrEmpty().screen());
    return switch (action) {
      case Action.Click click -> hands.click(click);
      case Action.Type type -> hands.type(type);
      case Action.Key key -> hands.key(key);
      case Action.Select select ->
          hands.selectNative(select).orElseGet(() -> choose(hands, select));
      case Action.SetTo set -> hands.set(set);
      case Action.Scroll scroll -> hands.scroll(scroll);
      case Action.Drag drag -> hands.drag(drag);
      case Action.Hover hover -> hands.hover(hover);
      case Action.Upload upload -> hands.upload(upload);
      case Action.Open open -> open(tab, open);
      case Action.Back _ -> back(tab);
      case Action.Switch change -> change(change);
      case Action.Wait wait -> await(tab, wait);
      case Action.Read read -> read(read);
    };
  }

  /** While a dialog holds the page, only it can be acted on; empty: the action may go on. */
  private Optional<Did> answer(PageTab tab, PageDialog dialog) {
    Optional<DialogScreen.Part> part = part();
    if (action instanceof Action.Click && part.isPresent()) {
      boolean accept = part.get() == DialogScreen.Part.OK;
      ObjectNode params = CdpSession.params("accept", accept);
      if (dialog.asksForText()) {
        params.put("promptText", surface.dialogAnswer());
      }
      tab.main()
          .connection()
          .call(tab.main().id(), "Page.handleJavaScriptDialog", params, CdpSession.PATIENCE);
      tab.await(() -> tab.dialog().isEmpty(), System.nanoTime() + LOAD_NANOS);
      surface.dialogEnded();
      return Optional.of(new Did.Done(""));
    }
    if (action instanceof Action.Type type && part.isPresent()) {
      surface.answerDialog(type.text());
      return Optional.of(new Did.Done(""));
    }
    boolean looksOnly =
        action.kind() == ActionKind.READ
            || (action instanceof Action.Switch change && !change.close());
    return looksOnly
        ? Optional.empty()
        : Optional.of(
            new Did.Refused(
                Outcome.DIALOG_OPEN,
                "a dialog (%s: \"%s\") must be answered first"
                    .formatted(dialog.type(), dialog.message())));
  }

  private Optional<DialogScreen.Part> part() {
    Optional<Target> target =
        switch (action) {
          case Action.Click click -> Optional.of(click.target());
          case Action.Type type -> type.target();
          default -> Optional.empty();
        };
    if (target.isEmpty() || !(target.get() instanceof Ref ref)) {
      return Optional.empty();
    }
    return surface
        .refs()
        .seen(ref.element())
        .filter(s -> s.identity().frame().equals(DialogScreen.FRAME))
        .flatMap(s -> DialogScreen.Part.of(s.identity().backend()));
  }

  /** Opens a list that is no select of HTML's, and clicks the options in it. */
  private Did choose(Hands hands, Action.Select select) {
    PageTab tab = surface.tab();
    Did opened = hands.click(new Action.Click(select.target()));
    if (opened instanceof Did.Refused) {
      return opened;
    }
    for (String option : select.options()) {
      Quiet.await(tab);
      List<Node> found =
          surface.look().screen().stream()
              .filter(n ->
                  n.role() == Role.LISTITEM
                      || n.role() == Role.MENUITEM
                      || n.role() == Role.RADIO
                      || n.role() == Role.BUTTON)
              .filter(n -> n.can(ActionKind.CLICK))
              .filter(n -> n.name().equals(option) || n.text().equals(option))
              .toList();
      if (found.size() != 1) {
        return new Did.Refused(
            found.isEmpty() ? Outcome.NOT_FOUND : Outcome.AMBIGUOUS,
            "%d options are called \"%s\"".formatted(found.size(), option));
      }
      Did clicked = hands.click(new Action.Click(found.getFirst().ref()));
      if (clicked instanceof Did.Refused) {
        return clicked;
      }
    }
    return opened;
  }

  private Did open(PageTab current, Action.Open open) {
    String url = open.location().contains(":") ? open.location() : "https://" + open.location();
    PageTab tab = open.newTab() || current.crash().isPresent() ? surface.newTab() : current;
    CompletableFuture<ObjectNode> answer = tab.main().send("Page.navigate", "url", url);
    Optional<ObjectNode> went;
    try {
      went = tab.awaitOrDialog("Page.navigate", answer, System.nanoTime() + LOAD_NANOS);
    } catch (SurfaceLostException e) {
      if (tab.crash().isPresent()) {
        throw e;
      }
      tab.main().tell("Page.stopLoading");
      return new Did.Refused(
          Outcome.TIMEOUT, "%s did not answer within %d s".formatted(url, Quiet.LONG.toSeconds()));
    }
    String error = went.map(w -> w.path("errorText").asString("")).orElse("");
    boolean download = went.map(w -> w.path("isDownload").asBoolean(false)).orElse(false);
    if (!error.isEmpty() && !download) {
      return new Did.Refused(Outcome.NOT_FOUND, "%s cannot be opened: %s".formatted(url, error));
    }
    return new Did.Done("");
  }

  private static Did back(PageTab tab) {
    JsonNode history = tab.main().call("Page.getNavigationHistory");
    int at = history.path("currentIndex").asInt(0);
    if (at <= 0) {
      return new Did.Refused(Outcome.NO_EFFECT, "there is nothing to go back to");
    }
    int entry = history.path("entries").path(at - 1).path("id").asInt(0);
    CompletableFuture<ObjectNode> answer =
        tab.main().send("Page.navigateToHistoryEntry", "entryId", entry);
    tab.awaitOrDialog("going back", answer, System.nanoTime() + LOAD_NANOS);
    return new Did.Done("");
  }

  private Did change(Action.Switch change) {
    Optional<PageTab> tab = surface.tabs().find(change.tab());
    if (tab.isEmpty()) {
      return new Did.Refused(Outcome.NOT_FOUND, "there is no tab " + change.tab());
    }
    if (change.close()) {
      surface.closeTab(tab.get());
    } else {
      surface.activate(tab.get());
    }
    return new Did.Done("");
  }

  private Did await(PageTab tab, Action.Wait wait) {
    long deadline = start + wait.atMost().toNanos();
    Quiet.await(tab);
    while (wait.text().isPresent()) {
      String text = wait.text().get();
      boolean there = surface.look().screen().stream().anyMatch(n -> says(n, text));
      if (there != wait.gone()) {
        break;
      }
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return new Did.Refused(
            Outcome.TIMEOUT,
            "\"%s\" %s within %d ms"
                .formatted(
                    text, wait.gone() ? "did not go" : "did not come", wait.atMost().toMillis()));
      }
      awaitChange(tab, Math.min(left, 1000), deadline);
    }
    return new Did.Done("");
  }

  private static void awaitChange(PageTab tab, long atMost, long deadline) {
    try {
      tab.awaitUnlessMoved(tab.callIn(tab.frames().getFirst(), Scripts.CHANGE, atMost), deadline);
    } catch (ProtocolException e) {
      Quiet.await(tab); // another document came
    }
  }

  private static boolean says(Node node, String text) {
    return node.name().contains(text) || node.value().map(v -> v.contains(text)).orElse(false);
  }

  private Did read(Action.Read read) {
    Screen screen = surface.look().screen();
    Optional<Node> within = read.within().flatMap(screen::find);
    if (read.within().isPresent() && within.isEmpty()) {
      return new Did.Refused(Outcome.STALE_REF, read.within().get() + " is gone; look again");
    }
    content = Optional.of(Reading.of(screen, within, read.query()));
    return new Did.Done("");
  }
}
