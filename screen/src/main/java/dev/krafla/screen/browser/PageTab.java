package dev.krafla.screen.browser;

import dev.krafla.screen.ProtocolException;
import dev.krafla.screen.ScreenException;
import dev.krafla.screen.SurfaceLostException;
import dev.krafla.screen.cdp.CdpConnection;
import dev.krafla.screen.cdp.CdpMessage;
import dev.krafla.screen.cdp.CdpSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One tab: its sessions (the page's, and one per frame in another process), and what the browser
 * tells of them. The browser's thread writes the state and signals; whoever acts reads it and waits
 * for signals.
 */
final class PageTab {
  private static final String WORLD = "krafla";

  /** What a page loads without which it is not what it will be. */
  private static final Set<String> AWAITED =
      Set.of("Document", "XHR", "Fetch", "Script", "Stylesheet");

  /** Requests that take longer than this are of the kind that never ends. */
  private static final long PATIENCE_NANOS = 3_000_000_000L;

  private final String id;
  private final String targetId;
  private final CdpSession main;

  // Guarded by this object's monitor.
  private final Map<String, CdpSession> children = new LinkedHashMap<>();
  private final Map<String, Long> inFlight = new HashMap<>();
  private final Set<String> loadingFrames = new java.util.HashSet<>();
  private Optional<PageDialog> dialog = Optional.empty();
  private Optional<FileChooser> chooser = Optional.empty();
  private Optional<ObjectNode> dragged = Optional.empty();
  private Optional<String> crash = Optional.empty();
  private boolean navigating;
  private int documents;

  private final Map<String, Integer> worlds = new ConcurrentHashMap<>();
  private final Map<String, String> labels = new HashMap<>();

  /**
   * A file chooser that the page wanted to open.
   *
   * @param field the file field's number
   */
  record FileChooser(CdpSession session, int field, boolean several) {}

  PageTab(String id, String targetId, CdpSession main) {
    this.id = id;
    this.targetId = targetId;
    this.main = main;
  }

  String id() {
    return id;
  }

  String targetId() {
    return targetId;
  }

  CdpSession main() {
    return main;
  }

  /** Begins to listen. */
  void start(BrowserOptions options) {
    main.listen(event -> handle(main, event));
    List<CompletableFuture<ObjectNode>> answers = new ArrayList<>(enable(main));
    answers.add(main.send("Emulation.setFocusEmulationEnabled", "enabled", true));
    answers.add(main.send("Page.setInterceptFileChooserDialog", "enabled", true));
    if (!options.visible()) {
      answers.add(
          main.send(
              "Emulation.setDeviceMetricsOverride",
              "width",
              (int) options.viewport().width(),
              "height",
              (int) options.viewport().height(),
              "deviceScaleFactor",
              options.scale(),
              "mobile",
              false));
    }
    answers.forEach(a -> CdpConnection.await("the tab's start", a, CdpSession.PATIENCE));
  }

  private static List<CompletableFuture<ObjectNode>> enable(CdpSession session) {
    return List.of(
        session.send("Page.enable"),
        session.send("DOM.enable"),
        session.send("Network.enable"),
        session.send("Accessibility.enable"),
        session.send(
            "Target.setAutoAttach",
            "autoAttach",
            true,
            "waitForDebuggerOnStart",
            true,
            "flatten",
            true,
            "filter",
            List.of(Map.of("type", "iframe"))));
  }

  // ---- what the browser tells -----------------------------------------------------------------

  private void handle(CdpSession session, CdpMessage.Event event) {
    ObjectNode p = event.params();
    synchronized (this) {
      switch (event.method()) {
        case "Page.javascriptDialogOpening" ->
            dialog =
                Optional.of(
                    new PageDialog(
                        p.path("type").asString("alert"),
                        p.path("message").asString(""),
                        p.path("defaultPrompt").asString(""),
                        p.path("url").asString("")));
        case "Page.javascriptDialogClosed" -> dialog = Optional.empty();
        case "Page.fileChooserOpened" ->
            chooser =
                Optional.of(
                    new FileChooser(
                        session,
                        p.path("backendNodeId").asInt(0),
                        p.path("mode").asString("").equals("selectMultiple")));
        case "Page.frameStartedNavigating" -> {
          if (isMain(p)
              && p.path("navigationType").asString("").endsWith("Document")
              && !p.path("navigationType").asString("").startsWith("same")) {
            navigating = true;
          }
        }
        case "Page.frameRequestedNavigation" -> {
          if (isMain(p) && p.path("disposition").asString("").equals("currentTab")) {
            navigating = !p.path("reason").asString("").equals("anchorClick") || navigating;
          }
        }
        case "Page.frameStartedLoading" -> loadingFrames.add(p.path("frameId").asString(""));
        case "Page.frameStoppedLoading" -> {
          loadingFrames.remove(p.path("frameId").asString(""));
          navigating = navigating && !isMain(p);
        }
        case "Page.frameDetached" -> loadingFrames.remove(p.path("frameId").asString(""));
        case "Page.frameNavigated" -> {
          if (p.path("frame").path("parentId").isMissingNode() && session.equals(main)) {
            documents++;
            inFlight.clear();
          }
        }
        case "Page.domContentEventFired" -> navigating = navigating && !session.equals(main);
        case "Network.requestWillBeSent" -> {
          if (AWAITED.contains(p.path("type").asString(""))) {
            inFlight.put(p.path("requestId").asString(""), System.nanoTime());
          }
        }
        case "Network.loadingFinished", "Network.loadingFailed" ->
            inFlight.remove(p.path("requestId").asString(""));
        case "Network.responseReceived" -> {
          if (p.path("response").path("mimeType").asString("").equals("text/event-stream")) {
            inFlight.remove(p.path("requestId").asString(""));
          }
        }
        case "Input.dragIntercepted" -> {
          if (p.get("data") instanceof ObjectNode data) {
            dragged = Optional.of(data);
          }
        }
        case "Target.attachedToTarget" -> adopt(p);
        case "Target.detachedFromTarget" -> {
          String gone = p.path("sessionId").asString("");
          children.values().removeIf(s -> s.id().equals(gone));
          main.connection().forget(gone);
        }
        case "Inspector.targetCrashed" -> {
          if (session.equals(main)) {
            crash = Optional.of("the page's process crashed");
          }
        }
        case "Inspector.detached" -> {
          if (session.equals(main)) {
            crash = Optional.of("the tab is gone: " + p.path("reason").asString(""));
          }
        }
        default -> {
          return;
        }
      }
      notifyAll();
    }
  }

  private boolean isMain(ObjectNode params) {
    return params.path("frameId").asString("").equals(targetId);
  }

  /** A frame in a process of its own. */
  private void adopt(ObjectNode p) {
    var child = new CdpSession(main.connection(), p.path("sessionId").asString(""));
    children.put(p.path("targetInfo").path("targetId").asString(""), child);
    child.listen(event -> handle(child, event));
    var _ = enable(child);
    child.tell("Runtime.runIfWaitingForDebugger");
  }

  /** The tab is no more. */
  synchronized void lost(String reason) {
    crash = Optional.of(reason);
    notifyAll();
  }

  // ---- what is known --------------------------------------------------------------------------

  synchronized Optional<PageDialog> dialog() {
    return dialog;
  }

  synchronized Optional<FileChooser> takeChooser() {
    Optional<FileChooser> taken = chooser;
    chooser = Optional.empty();
    return taken;
  }

  synchronized Optional<ObjectNode> takeDragged() {
    Optional<ObjectNode> taken = dragged;
    dragged = Optional.empty();
    return taken;
  }

  synchronized boolean isNavigating() {
    return navigating;
  }

  /** How many documents the main frame has shown. */
  synchronized int documents() {
    return documents;
  }

  synchronized Optional<String> crash() {
    return crash;
  }

  /** Whether the page still fetches what it needs. */
  synchronized boolean isFetching() {
    long oldest = System.nanoTime() - PATIENCE_NANOS;
    return inFlight.values().stream().anyMatch(at -> at > oldest);
  }

  synchronized List<CdpSession> sessions() {
    List<CdpSession> all = new ArrayList<>();
    all.add(main);
    all.addAll(children.values());
    return all;
  }

  /** Forgets what was fetched before, so that only what an action starts is waited for. */
  synchronized void forgetRequests() {
    inFlight.clear();
  }

  /**
   * Waits until {@code condition}, which the browser's events can make true.
   *
   * @return whether it holds
   */
  synchronized boolean await(BooleanSupplier condition, long deadlineNanos) {
    while (!condition.getAsBoolean()) {
      long left = deadlineNanos - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      try {
        wait(Math.max(1, left / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SurfaceLostException("interrupted while waiting for the page", e);
      }
    }
    return true;
  }

  private synchronized void signal() {
    notifyAll();
  }

  /**
   * Waits for an answer of the page, which may never come: a dialog that the command opens holds
   * it.
   *
   * @return empty when a dialog has opened first
   * @throws SurfaceLostException when the page is gone or does not answer in time
   */
  Optional<ObjectNode> awaitOrDialog(
      String what, CompletableFuture<ObjectNode> answer, long deadlineNanos) {
    var _ = answer.whenComplete((a, e) -> signal());
    await(() -> answer.isDone() || dialog.isPresent() || crash.isPresent(), deadlineNanos);
    if (answer.isDone()) {
      return Optional.of(CdpConnection.await(what, answer, CdpSession.PATIENCE));
    }
    if (dialog().isPresent()) {
      return Optional.empty();
    }
    throw new SurfaceLostException(
        crash().orElse("the page did not answer " + what + " in time; it may be stuck"));
  }

  /** Waits for an answer, or for a dialog or a navigation that makes it void. */
  void awaitUnlessMoved(CompletableFuture<ObjectNode> answer, long deadlineNanos) {
    var _ = answer.whenComplete((a, e) -> signal());
    await(
        () -> answer.isDone() || navigating || dialog.isPresent() || crash.isPresent(),
        deadlineNanos);
  }

  // ---- frames ---------------------------------------------------------------------------------

  /** All frames, parents before children. */
  List<Frame> frames() {
    List<Frame> frames = new ArrayList<>();
    Map<CdpSession, CompletableFuture<ObjectNode>> asked = new LinkedHashMap<>();
    sessions().forEach(s -> asked.put(s, s.send("Page.getFrameTree")));
    asked.forEach((session, answer) -> {
      try {
        ObjectNode tree = CdpConnection.await("Page.getFrameTree", answer, CdpSession.PATIENCE);
        addFrames(session, tree.path("frameTree"), frames);
      } catch (ScreenException e) {
        if (session.equals(main)) {
          throw e;
        } // a frame's process may end at any time
      }
    });
    return frames;
  }

  private void addFrames(CdpSession session, JsonNode tree, List<Frame> frames) {
    JsonNode f = tree.path("frame");
    String frameId = f.path("id").asString("");
    String label = frameId.equals(targetId) ? "" : label(frameId);
    frames.add(
        new Frame(
            frameId,
            f.path("parentId").asString(""),
            f.path("loaderId").asString(""),
            f.path("url").asString(""),
            session,
            label));
    tree.path("childFrames").forEach(child -> addFrames(session, child, frames));
  }

  private synchronized String label(String frameId) {
    return labels.computeIfAbsent(frameId, k -> "f" + (labels.size() + 1));
  }

  /** The world of ours in a frame. */
  int world(Frame frame) {
    return worlds.computeIfAbsent(
        frame.id() + "/" + frame.document(),
        k ->
            frame
                .session()
                .call("Page.createIsolatedWorld", "frameId", frame.id(), "worldName", WORLD)
                .path("executionContextId")
                .asInt(0));
  }

  /**
   * Calls a function on a node, in our world.
   *
   * @throws ProtocolException when the node is gone, or the function throws
   */
  JsonNode callOn(Frame frame, int backendNode, String function, Object... arguments) {
    String object =
        frame
            .session()
            .call(
                "DOM.resolveNode", "backendNodeId", backendNode, "executionContextId", world(frame))
            .path("object")
            .path("objectId")
            .asString("");
    ObjectNode result =
        frame
            .session()
            .call(
                "Runtime.callFunctionOn",
                "objectId",
                object,
                "functionDeclaration",
                function,
                "arguments",
                arguments(arguments),
                "returnByValue",
                true,
                "userGesture",
                true);
    frame.session().tell("Runtime.releaseObject", "objectId", object);
    return value(result);
  }

  /** Calls a function in our world of the main frame; its promise is awaited. */
  CompletableFuture<ObjectNode> callIn(Frame frame, String function, Object... arguments) {
    return frame
        .session()
        .send(
            "Runtime.callFunctionOn",
            "executionContextId",
            world(frame),
            "functionDeclaration",
            function,
            "arguments",
            arguments(arguments),
            "returnByValue",
            true,
            "awaitPromise",
            true);
  }

  static JsonNode value(ObjectNode result) {
    JsonNode thrown = result.path("exceptionDetails");
    if (!thrown.isMissingNode()) {
      throw new ProtocolException(
          "a function failed in the page: "
              + thrown
                  .path("exception")
                  .path("description")
                  .asString(thrown.path("text").asString("")));
    }
    return result.path("result").path("value");
  }

  private static List<Map<String, Object>> arguments(Object... values) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Object value : values) {
      list.add(Map.of("value", value));
    }
    return list;
  }

  /** The frame {@code id} of {@code frames}. */
  static Optional<Frame> find(List<Frame> frames, String id) {
    return frames.stream().filter(f -> f.id().equals(id)).findFirst();
  }
}
