package dev.krafla.screen.browser;

import dev.krafla.screen.Node;
import dev.krafla.screen.Observation;
import dev.krafla.screen.Outcome;
import dev.krafla.screen.Point;
import dev.krafla.screen.ProtocolException;
import dev.krafla.screen.Ref;
import dev.krafla.screen.Target;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * From a reference to a place on the screen. Fails closed: a node that is gone is only replaced by
 * the one node that is the same in role, name and surroundings; one that has become something else
 * is refused.
 */
final class Locator {
  private static final long DRAWN_NANOS = 500_000_000L;

  private final PageTab tab;
  private final RefBook refs;
  private final Supplier<Observation> look;

  /**
   * @param look looks again, when a node must be found again
   */
  Locator(PageTab tab, RefBook refs, Supplier<Observation> look) {
    this.tab = tab;
    this.refs = refs;
    this.look = look;
  }

  /** A point of the target that a click meets, brought into view first. */
  Located point(Target target) {
    return switch (target) {
      case Point point -> new Located.At(point, Optional.empty(), 0, "");
      case Ref ref -> find(ref, true);
    };
  }

  /** The node, wherever it is, seen or not. */
  Located node(Target target) {
    return switch (target) {
      case Point point ->
          new Located.Not(Outcome.NOT_FOUND, "this needs a reference, not the point " + point);
      case Ref ref -> find(ref, false);
    };
  }

  private Located find(Ref ref, boolean needsPoint) {
    Optional<RefBook.Seen> seen = refs.seen(ref.element());
    if (seen.isEmpty()) {
      return new Located.Not(
          Outcome.NOT_FOUND, ref.shortForm() + " was never on this screen; look again");
    }
    RefBook.Seen was = seen.get();
    if (was.since() > ref.generation()) {
      return new Located.Not(
          Outcome.STALE_REF, "%s has become %s since; look again".formatted(ref, described(was)));
    }
    Optional<Located> here = here(ref, was, needsPoint);
    return here.orElseGet(() -> again(ref, was, needsPoint));
  }

  /** Empty when the node is gone. */
  private Optional<Located> here(Ref ref, RefBook.Seen was, boolean needsPoint) {
    List<Frame> frames = tab.frames();
    Optional<Frame> frame =
        PageTab.find(frames, was.identity().frame())
            .filter(f -> f.document().equals(was.identity().document()));
    if (frame.isEmpty()) {
      return Optional.empty();
    }
    int backend = was.identity().backend();
    try {
      Optional<String> name = nameNow(frame.get(), backend, was);
      if (name.isPresent() && !name.get().equals(was.name())) {
        return Optional.of(
            new Located.Not(
                Outcome.STALE_REF,
                "%s was %s and is now called \"%s\"; look again"
                    .formatted(ref, described(was), name.get())));
      }
      if (!needsPoint) {
        return Optional.of(new Located.At(new Point(0, 0), frame, backend, ""));
      }
      return locate(ref, frames, frame.get(), backend);
    } catch (ProtocolException e) {
      return Optional.empty(); // the browser knows no such node any more
    }
  }

  /** The name the browser gives it now; empty where the name was a guess, or its words. */
  private Optional<String> nameNow(Frame frame, int backend, RefBook.Seen was) {
    if (was.weak() || !was.role().interactive()) {
      return Optional.empty();
    }
    JsonNode nodes =
        frame
            .session()
            .call(
                "Accessibility.getPartialAXTree", "backendNodeId", backend, "fetchRelatives", false)
            .path("nodes");
    JsonNode node = nodes.path(0);
    if (nodes.isEmpty() || node.path("ignored").asBoolean(false)) {
      return Optional.empty(); // hidden perhaps: whether it can be met is asked next
    }
    String name = node.path("name").path("value").asString("");
    return name.isBlank() ? Optional.empty() : Optional.of(ScreenBuilder.cut(name));
  }

  private Optional<Located> locate(Ref ref, List<Frame> frames, Frame frame, int backend) {
    JsonNode found = tab.callOn(frame, backend, Scripts.LOCATE, true);
    if (found.path("gone").asBoolean(false)) {
      return Optional.empty();
    }
    if (found.path("hidden").asBoolean(false)) {
      return Optional.of(
          new Located.Not(
              Outcome.OFFSCREEN,
              ref.shortForm() + " is not shown now; something that hides it must change first"));
    }
    Frame inner = frame;
    while (found.path("obscured").isMissingNode() && !inner.parent().isEmpty()) {
      Optional<Frame> parent = PageTab.find(frames, inner.parent());
      if (parent.isEmpty()) {
        return Optional.empty();
      }
      int owner =
          parent
              .get()
              .session()
              .call("DOM.getFrameOwner", "frameId", inner.id())
              .path("backendNodeId")
              .asInt(0);
      found =
          tab.callOn(
              parent.get(),
              owner,
              Scripts.LOCATE,
              true,
              found.path("x").asDouble(0),
              found.path("y").asDouble(0));
      inner = parent.get();
    }
    String covered = found.path("obscured").asString("");
    if (!covered.isEmpty() || !found.path("obscured").isMissingNode()) {
      return Optional.of(
          new Located.Not(
              Outcome.OBSCURED,
              "%s lies under %s; close or move that first".formatted(ref.shortForm(), covered)));
    }
    Point at = new Point(found.path("x").asDouble(0), found.path("y").asDouble(0));
    if (!frame.session().equals(tab.main())) {
      awaitDrawn(frame);
    }
    return Optional.of(new Located.At(at, Optional.of(frame), backend, ""));
  }

  /**
   * The browser sends a click to the process whose frame was last drawn at the place, so that a
   * frame of another process must have been drawn where it is now.
   */
  private void awaitDrawn(Frame frame) {
    long deadline = System.nanoTime() + DRAWN_NANOS;
    for (Frame f : List.of(tab.frames().getFirst(), frame)) {
      tab.awaitUnlessMoved(tab.callIn(f, Scripts.QUIET, 0, 100), deadline);
    }
  }

  /** Looks again for the one node that is the same. */
  private Located again(Ref ref, RefBook.Seen was, boolean needsPoint) {
    Observation now = look.get();
    List<Node> alike = refs.alike(was, now.screen());
    if (alike.size() == 1 && (!was.name().isEmpty() || was.role().interactive())) {
      Node node = alike.getFirst();
      RefBook.Seen found = refs.seen(node.ref().element()).orElseThrow();
      Optional<Located> at = here(node.ref(), found, needsPoint);
      if (at.isPresent()) {
        return switch (at.get()) {
          case Located.At a ->
              new Located.At(
                  a.point(),
                  a.frame(),
                  a.backend(),
                  "%s was replaced; the only %s in its place is %s. "
                      .formatted(ref.shortForm(), described(was), node.ref()));
          case Located.Not not -> not;
        };
      }
    }
    return new Located.Not(
        Outcome.STALE_REF,
        alike.size() > 1
            ? "%s (%s) is gone, and %d others are like it; look again"
                .formatted(ref, described(was), alike.size())
            : "%s (%s) is gone; look again".formatted(ref, described(was)));
  }

  private static String described(RefBook.Seen seen) {
    return seen.role().word() + (seen.name().isEmpty() ? "" : " \"" + seen.name() + "\"");
  }
}
