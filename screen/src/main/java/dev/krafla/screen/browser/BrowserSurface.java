package dev.krafla.screen.browser;

import dev.krafla.screen.Action;
import dev.krafla.screen.ActionResult;
import dev.krafla.screen.Bounds;
import dev.krafla.screen.Observation;
import dev.krafla.screen.Screen;
import dev.krafla.screen.ScreenDiff;
import dev.krafla.screen.ScreenException;
import dev.krafla.screen.Surface;
import dev.krafla.screen.SurfaceLostException;
import dev.krafla.screen.cdp.CdpSession;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tabs of one browser context as a surface; one of them is active and is what is seen. Any
 * thread may use it; one at a time does.
 */
public final class BrowserSurface implements Surface {
  private final Browser browser;
  private final String name;
  private final String context;
  private final BrowserOptions options;
  private final Tabs tabs;
  private final Downloads downloads;
  private final RefBook refs = new RefBook();
  private final ReentrantLock turn = new ReentrantLock();

  // Of whoever has the turn.
  private Optional<PageTab> active = Optional.empty();
  private Optional<Observation> last = Optional.empty();
  private int generation;
  private int tabsSeen;
  private int dialogs;
  private String dialogAnswer = "";

  BrowserSurface(Browser browser, String name, String context, BrowserOptions options) {
    this.browser = browser;
    this.name = name;
    this.context = context;
    this.options = options;
    this.tabs = new Tabs(browser.session().connection(), options);
    this.downloads = new Downloads(options.downloads().toString());
  }

  void start(List<JsonNode> targets) {
    ObjectNode behavior =
        CdpSession.params(
            "behavior",
            "allow",
            "downloadPath",
            options.downloads().toString(),
            "eventsEnabled",
            true);
    if (!context.isEmpty()) {
      behavior.put("browserContextId", context);
    }
    CdpSession session = browser.session();
    session.connection().call("", "Browser.setDownloadBehavior", behavior, CdpSession.PATIENCE);
    targets.forEach(this::tabAppeared);
    if (targets.isEmpty()) {
      newTab();
    } else {
      activate(tabs.newest().orElseThrow());
    }
  }

  /** Opens an empty tab and makes it the active one. */
  PageTab newTab() {
    ObjectNode params = CdpSession.params("url", "about:blank");
    if (!context.isEmpty()) {
      params.put("browserContextId", context);
    }
    String target =
        browser
            .session()
            .connection()
            .call("", "Target.createTarget", params, CdpSession.PATIENCE)
            .path("targetId")
            .asString("");
    PageTab tab =
        dev.krafla.screen.cdp.CdpConnection.await(
            "a new tab",
            tabs.appeared(CdpSession.params("targetId", target, "url", "about:blank")),
            CdpSession.PATIENCE);
    activate(tab);
    return tab;
  }

  void activate(PageTab tab) {
    active = Optional.of(tab);
    tabsSeen = tabs.count();
    tab.main().call("Page.bringToFront");
  }

  // ---- what the browser tells -----------------------------------------------------------------

  void tabAppeared(JsonNode info) {
    var _ = tabs.appeared(info);
  }

  void tabChanged(JsonNode info) {
    tabs.changed(info);
  }

  void tabGone(String target) {
    tabs.gone(target);
  }

  void lost(String reason) {
    tabs.allGone(reason);
  }

  boolean shows(String frame) {
    return tabs.has(frame);
  }

  Downloads downloads() {
    return downloads;
  }

  Tabs tabs() {
    return tabs;
  }

  RefBook refs() {
    return refs;
  }

  /** Its name in the browser, which finds it again after a crash of the runtime. */
  public String name() {
    return name;
  }

  // ---- eyes -----------------------------------------------------------------------------------

  @Override
  public Observation observe() {
    turn.lock();
    try {
      return look();
    } finally {
      turn.unlock();
    }
  }

  /** The active tab; another one when it was closed. */
  PageTab tab() {
    PageTab tab = active.orElseThrow(() -> new SurfaceLostException("the surface was closed"));
    if (tab.crash().isPresent() && !tabs.has(tab.targetId())) {
      Optional<PageTab> other = tabs.newest();
      if (other.isPresent()) {
        activate(other.get());
        return other.get();
      }
    }
    return tab;
  }

  Observation look() {
    long start = System.nanoTime();
    PageTab tab = tab();
    tab.crash()
        .ifPresent(reason -> {
          throw new SurfaceLostException(reason + "; open a page to go on");
        });
    Screen screen = screen(tab);
    Observation seen =
        new Observation(
            screen,
            Instant.now(),
            Duration.ofNanos(System.nanoTime() - start),
            tabs.list(tab.id()),
            downloads.list(),
            List.of());
    last = Optional.of(seen);
    return seen;
  }

  private Screen screen(PageTab tab) {
    generation++;
    Optional<PageDialog> dialog = tab.dialog();
    if (dialog.isEmpty()) {
      try {
        return ScreenBuilder.build(
            Capture.of(tab, options.scale()), refs, "browser:" + name, generation);
      } catch (Capture.DialogOpened e) {
        dialog = tab.dialog();
      }
    }
    PageDialog open =
        dialog.orElseThrow(
            () -> new SurfaceLostException("a dialog opened and closed; look again"));
    return DialogScreen.of(open, behind(), refs, generation, dialogs, dialogAnswer);
  }

  /** The page as it was last seen, without any dialog. */
  private Screen behind() {
    Bounds view = options.viewport();
    Screen empty =
        new Screen(
            "browser:" + name,
            generation,
            "",
            "",
            view,
            view.height(),
            options.scale(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            0);
    return last.map(
            o -> {
              Screen s = o.screen();
              return new Screen(
                  s.surface(),
                  generation,
                  s.location(),
                  s.title(),
                  s.viewport(),
                  s.contentHeight(),
                  s.scale(),
                  s.focus(),
                  Optional.empty(),
                  s.nodes().stream()
                      .filter(n -> n.source() != dev.krafla.screen.Source.BROWSER)
                      .toList(),
                  s.elsewhere());
            })
        .orElse(empty);
  }

  @Override
  public byte[] screenshot() {
    turn.lock();
    try {
      JsonNode answer = tab().main().call("Page.captureScreenshot", "format", "png");
      return Base64.getDecoder().decode(answer.path("data").asString(""));
    } finally {
      turn.unlock();
    }
  }

  // ---- hands ----------------------------------------------------------------------------------

  @Override
  public ActionResult perform(Action action) {
    long start = System.nanoTime();
    turn.lock();
    try {
      return new Performance(this, action, start).run();
    } finally {
      turn.unlock();
    }
  }

  Optional<Observation> last() {
    return last;
  }

  /** Whether tabs have appeared since the active one was chosen; the newest becomes active. */
  Optional<PageTab> followNewTab() {
    if (tabs.count() == tabsSeen) {
      return Optional.empty();
    }
    tabsSeen = tabs.count();
    Optional<PageTab> newest = tabs.newest();
    if (newest.isEmpty() || newest.equals(active)) {
      return Optional.empty();
    }
    activate(newest.get());
    return newest;
  }

  String dialogAnswer() {
    return dialogAnswer;
  }

  void answerDialog(String text) {
    dialogAnswer = text;
  }

  /** The next dialog is another. */
  void dialogEnded() {
    dialogs++;
    dialogAnswer = "";
  }

  /** Closes the active tab, and opens an empty one when it was the last. */
  void closeTab(PageTab tab) {
    browser.session().call("Target.closeTarget", "targetId", tab.targetId());
    tabs.gone(tab.targetId());
    Optional<PageTab> other = tabs.newest();
    if (other.isPresent()) {
      activate(other.get());
    } else {
      newTab();
    }
  }

  /** What the action's result needs when there is nothing to look at. */
  Observation lastOrEmpty() {
    return last.orElseGet(() ->
        new Observation(
            behind(), Instant.now(), Duration.ZERO, List.of(), downloads.list(), List.of()));
  }

  static ScreenDiff diff(Observation before, Observation after) {
    return ScreenDiff.between(before.screen(), after.screen());
  }

  /** Ends the surface's tabs and, unless it is the profile's own, forgets its cookies. */
  @Override
  public void close() {
    browser.closed(this);
    try {
      if (!context.isEmpty()) {
        browser.session().call("Target.disposeBrowserContext", "browserContextId", context);
      } else {
        for (Observation.Tab tab : tabs.list("")) {
          tabs.find(tab.id())
              .ifPresent(
                  t -> browser.session().call("Target.closeTarget", "targetId", t.targetId()));
        }
      }
    } catch (ScreenException e) {
      // the browser is gone, and the surface with it
    }
  }
}
