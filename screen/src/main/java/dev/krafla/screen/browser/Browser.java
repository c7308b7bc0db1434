package dev.krafla.screen.browser;

import dev.krafla.screen.cdp.CdpConnection;
import dev.krafla.screen.cdp.CdpMessage;
import dev.krafla.screen.cdp.CdpSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A running Chrome or Chromium with a profile of its own. Its surfaces share nothing with each
 * other, neither cookies nor tabs, and may be used in parallel. When the runtime crashes, {@link
 * #open} with the same profile finds the browser as it was; when nobody comes for it, it ends.
 */
public final class Browser implements AutoCloseable {
  /** Name of the surface that keeps what sites store in the profile. */
  public static final String MAIN = "main";

  private final BrowserProcess process;
  private final BrowserOptions options;
  private final CdpSession session;
  private final Map<String, BrowserSurface> surfaces = new ConcurrentHashMap<>();

  private Browser(BrowserProcess process, BrowserOptions options) {
    this.process = process;
    this.options = options;
    this.session = new CdpSession(process.connection(), "");
  }

  /**
   * Starts the browser, or finds the one that runs on this profile.
   *
   * @throws dev.krafla.screen.BrowserNotFoundException when this machine has none
   * @throws dev.krafla.screen.SurfaceLostException when another runtime uses the profile
   */
  public static Browser open(BrowserOptions options) {
    var browser = new Browser(BrowserProcess.open(options), options);
    CdpConnection connection = browser.process.connection();
    connection.onLost(() -> browser.surfaces.values().forEach(s -> s.lost("the browser is gone")));
    browser.session.listen(browser::handle);
    browser.session.call(
        "Target.setDiscoverTargets", "discover", true, "filter", List.of(Map.of("type", "page")));
    return browser;
  }

  /** Whether it ran before, left by a runtime that crashed. */
  public boolean wasRunning() {
    return process.found();
  }

  /** As {@code Chrome/156.0.8078.79}. */
  public String product() {
    return session.call("Browser.getVersion").path("product").asString("");
  }

  /** The number of its process. */
  public long pid() {
    return process.pid();
  }

  /** The surface whose cookies and storage are those of the profile. */
  public BrowserSurface mainSurface() {
    return surface(MAIN);
  }

  /** A surface with empty cookies and storage, which end with it. */
  public BrowserSurface newSurface() {
    String context =
        session
            .call("Target.createBrowserContext", "disposeOnDetach", false)
            .path("browserContextId")
            .asString("");
    return surface(context);
  }

  /** Names of the surfaces that the browser has, also from before a crash of the runtime. */
  public List<String> surfaceNames() {
    List<String> names = new ArrayList<>(List.of(MAIN));
    session
        .call("Target.getBrowserContexts")
        .path("browserContextIds")
        .forEach(id -> names.add(id.asString("")));
    return names;
  }

  /**
   * The surface of this name, with the tabs that it has.
   *
   * @throws dev.krafla.screen.ProtocolException when there is none
   */
  public BrowserSurface surface(String name) {
    BrowserSurface known = surfaces.get(name);
    if (known != null) {
      return known;
    }
    String context = name.equals(MAIN) ? "" : name;
    List<JsonNode> targets = new ArrayList<>();
    session
        .call("Target.getTargets")
        .path("targetInfos")
        .forEach(info -> {
          if (info.path("type").asString("").equals("page") && contextOf(info).equals(name)) {
            targets.add(info);
          }
        });
    var surface = new BrowserSurface(this, name, context, options);
    surfaces.put(name, surface);
    surface.start(targets);
    return surface;
  }

  CdpSession session() {
    return session;
  }

  void closed(BrowserSurface surface) {
    surfaces.remove(surface.name());
  }

  private String contextOf(JsonNode info) {
    String id = info.path("browserContextId").asString("");
    return contexts().contains(id) ? id : MAIN;
  }

  private java.util.Set<String> contexts() {
    java.util.Set<String> ids = new java.util.HashSet<>();
    session
        .call("Target.getBrowserContexts")
        .path("browserContextIds")
        .forEach(id -> ids.add(id.asString("")));
    return ids;
  }

  private void handle(CdpMessage.Event event) {
    ObjectNode p = event.params();
    JsonNode info = p.path("targetInfo");
    switch (event.method()) {
      case "Target.targetCreated" -> {
        if (info.path("type").asString("").equals("page")) {
          owner(info).ifPresent(s -> s.tabAppeared(info));
        }
      }
      case "Target.targetInfoChanged" -> surfaces.values().forEach(s -> s.tabChanged(info));
      case "Target.targetDestroyed" ->
          surfaces.values().forEach(s -> s.tabGone(p.path("targetId").asString("")));
      case "Browser.downloadWillBegin" ->
          surfaces.values().stream()
              .filter(s -> surfaces.size() == 1 || s.shows(p.path("frameId").asString("")))
              .forEach(s -> s.downloads().began(p));
      case "Browser.downloadProgress" ->
          surfaces.values().forEach(s -> s.downloads().progressed(p));
      default -> {}
    }
  }

  /** A context that no surface of ours has a name for is the profile's own. */
  private java.util.Optional<BrowserSurface> owner(JsonNode info) {
    BrowserSurface named = surfaces.get(info.path("browserContextId").asString(""));
    return java.util.Optional.ofNullable(named == null ? surfaces.get(MAIN) : named);
  }

  /** Leaves it running, to be found again by {@link #open} within the options' grace. */
  public void leave() {
    process.leave();
  }

  /** Ends it. */
  @Override
  public void close() {
    process.end();
  }
}
