package dev.krafla.screen.browser;

import dev.krafla.screen.Bounds;
import dev.krafla.screen.ScreenException;
import dev.krafla.screen.cdp.CdpConnection;
import dev.krafla.screen.cdp.CdpSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything the browser says of one tab at one moment, in the browser's own terms.
 *
 * @param frames parents before children
 * @param snapshots one per process
 * @param trees by frame
 * @param owners for a frame in another process: the element of its parent that shows it
 */
record Capture(
    List<Frame> frames,
    Map<CdpSession, DomSnapshot> snapshots,
    Map<String, AxTree> trees,
    Map<String, Integer> owners,
    Bounds viewport,
    double contentHeight,
    double scale) {
  /** Asks for all of it at once. */
  static Capture of(PageTab tab, double scale) {
    List<Frame> frames = tab.frames();
    Map<CdpSession, CompletableFuture<ObjectNode>> snapshots = new LinkedHashMap<>();
    Map<String, CompletableFuture<ObjectNode>> trees = new LinkedHashMap<>();
    Map<String, CompletableFuture<ObjectNode>> owners = new LinkedHashMap<>();
    CompletableFuture<ObjectNode> metrics = tab.main().send("Page.getLayoutMetrics");
    for (CdpSession session : frames.stream().map(Frame::session).distinct().toList()) {
      snapshots.put(
          session,
          session.send(
              "DOMSnapshot.captureSnapshot",
              "computedStyles",
              DomSnapshot.STYLES,
              "includePaintOrder",
              true,
              "includeDOMRects",
              true));
    }
    for (Frame frame : frames) {
      trees.put(
          frame.id(), frame.session().send("Accessibility.getFullAXTree", "frameId", frame.id()));
      PageTab.find(frames, frame.parent())
          .filter(parent -> !parent.session().equals(frame.session()))
          .ifPresent(parent ->
              owners.put(
                  frame.id(), parent.session().send("DOM.getFrameOwner", "frameId", frame.id())));
    }
    JsonNode layout = await(tab, "Page.getLayoutMetrics", metrics);
    JsonNode view = layout.path("cssVisualViewport");
    return new Capture(
        frames,
        parsed(tab, snapshots),
        parsedTrees(tab, trees),
        parsedOwners(owners),
        new Bounds(
            view.path("pageX").asDouble(0),
            view.path("pageY").asDouble(0),
            view.path("clientWidth").asDouble(0),
            view.path("clientHeight").asDouble(0)),
        layout.path("cssContentSize").path("height").asDouble(0),
        scale);
  }

  private static ObjectNode await(PageTab tab, String what, CompletableFuture<ObjectNode> answer) {
    return tab.awaitOrDialog(what, answer, System.nanoTime() + CdpSession.PATIENCE.toNanos())
        .orElseThrow(DialogOpened::new);
  }

  private static Map<CdpSession, DomSnapshot> parsed(
      PageTab tab, Map<CdpSession, CompletableFuture<ObjectNode>> answers) {
    Map<CdpSession, DomSnapshot> parsed = new HashMap<>();
    answers.forEach((session, answer) -> {
      try {
        parsed.put(session, DomSnapshot.parse(await(tab, "DOMSnapshot", answer)));
      } catch (ScreenException e) {
        if (session.equals(tab.main())) {
          throw e;
        } // the process of a frame may end while it is asked
      }
    });
    return parsed;
  }

  private static Map<String, AxTree> parsedTrees(
      PageTab tab, Map<String, CompletableFuture<ObjectNode>> answers) {
    Map<String, AxTree> parsed = new HashMap<>();
    answers.forEach((frame, answer) -> {
      try {
        parsed.put(frame, AxTree.parse(await(tab, "the accessibility tree", answer)));
      } catch (ScreenException e) {
        if (frame.equals(tab.targetId())) {
          throw e;
        } // a frame may go while it is asked
        parsed.put(frame, AxTree.empty());
      }
    });
    return parsed;
  }

  private static Map<String, Integer> parsedOwners(
      Map<String, CompletableFuture<ObjectNode>> answers) {
    Map<String, Integer> owners = new HashMap<>();
    answers.forEach((frame, answer) -> {
      try {
        owners.put(
            frame,
            CdpConnection.await("DOM.getFrameOwner", answer, CdpSession.PATIENCE)
                .path("backendNodeId")
                .asInt(0));
      } catch (ScreenException e) {
        // gone meanwhile: it is shown nowhere
      }
    });
    return owners;
  }

  /** Children of a frame, in the order of the tree. */
  List<Frame> children(Frame frame) {
    List<Frame> children = new ArrayList<>();
    for (Frame f : frames) {
      if (f.parent().equals(frame.id())) {
        children.add(f);
      }
    }
    return children;
  }

  /** A dialog has opened while the page was asked, which therefore does not answer. */
  static final class DialogOpened extends RuntimeException {
    private static final long serialVersionUID = 1;

    DialogOpened() {
      super("a dialog has opened", null, false, false);
    }
  }
}
