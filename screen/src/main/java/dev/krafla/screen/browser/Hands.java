package dev.krafla.screen.browser;

import dev.krafla.screen.Action;
import dev.krafla.screen.Bounds;
import dev.krafla.screen.Node;
import dev.krafla.screen.Outcome;
import dev.krafla.screen.Point;
import dev.krafla.screen.Ref;
import dev.krafla.screen.Role;
import dev.krafla.screen.Screen;
import dev.krafla.screen.State;
import dev.krafla.screen.Target;
import dev.krafla.screen.cdp.CdpSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** Carries out the actions that act on a page's content, with the browser's own input events. */
final class Hands {
  private static final int DRAG_STEPS = 8;
  private static final int MOST_ARROWS = 400;

  private final PageTab tab;
  private final Locator locator;
  private final Input input;
  private final Supplier<Screen> seen;

  /** What came of it, before the page has become quiet. */
  sealed interface Did {
    /**
     * @param note what to tell; may be empty
     */
    record Done(String note) implements Did {}

    /** It was not done. */
    record Refused(Outcome outcome, String message) implements Did {}
  }

  /**
   * @param seen the last screen that was looked at
   */
  Hands(PageTab tab, Locator locator, Supplier<Screen> seen) {
    this.tab = tab;
    this.locator = locator;
    this.input = new Input(tab);
    this.seen = seen;
  }

  /** What is done at a place. */
  private interface Deed {
    Did at(Located.At place);
  }

  private Did at(Target target, Deed deed) {
    return switch (locator.point(target)) {
      case Located.Not not -> new Did.Refused(not.outcome(), not.message());
      case Located.At place -> deed.at(place);
    };
  }

  private Did on(Target target, Deed deed) {
    return switch (locator.node(target)) {
      case Located.Not not -> new Did.Refused(not.outcome(), not.message());
      case Located.At place -> deed.at(place);
    };
  }

  private Optional<Node> node(Target target) {
    return target instanceof Ref ref ? seen.get().find(ref) : Optional.empty();
  }

  /** Refuses what is switched off. */
  private Optional<Did> disabled(Target target) {
    return node(target)
        .filter(n -> n.role().interactive() && !n.is(State.ENABLED) && n.actions().isEmpty())
        .map(n -> new Did.Refused(Outcome.DISABLED, n + " is disabled"));
  }

  Did click(Action.Click click) {
    Optional<Did> disabled = disabled(click.target());
    return disabled.isPresent()
        ? disabled.get()
        : at(
            click.target(),
            place -> {
              input.click(place.point(), click.button(), click.count(), click.modifiers());
              return new Did.Done(place.note());
            });
  }

  Did hover(Action.Hover hover) {
    return at(
        hover.target(),
        place -> {
          input.hover(place.point());
          return new Did.Done(place.note());
        });
  }

  Did type(Action.Type type) {
    if (type.target().isEmpty()) {
      input.type(type.text());
      submit(type);
      return new Did.Done("");
    }
    Target target = type.target().get();
    Optional<Did> disabled = disabled(target);
    if (disabled.isPresent()) {
      return disabled.get();
    }
    return at(
        target,
        place -> {
          input.click(place.point(), Action.Button.LEFT, 1, Set.of());
          if (type.clear() && place.frame().isPresent() && tab.dialog().isEmpty()) {
            JsonNode editable =
                tab.callOn(place.frame().get(), place.backend(), Scripts.SELECT_ALL);
            if (!editable.asBoolean(false)) {
              return new Did.Refused(
                  Outcome.DISABLED, target + " cannot be typed into: it is read-only or no field");
            }
            if (type.text().isEmpty()) {
              input.key(KeyStroke.parse("Delete"));
            }
          } else if (!type.clear()) {
            input.key(KeyStroke.parse("End"));
          }
          input.type(type.text());
          submit(type);
          return new Did.Done(place.note());
        });
  }

  private void submit(Action.Type type) {
    if (type.submit()) {
      input.key(KeyStroke.parse("Enter"));
    }
  }

  Did key(Action.Key key) {
    KeyStroke stroke;
    try {
      stroke = KeyStroke.parse(key.keys());
    } catch (IllegalArgumentException e) {
      return new Did.Refused(Outcome.NOT_FOUND, String.valueOf(e.getMessage()));
    }
    input.key(stroke);
    return new Did.Done("");
  }

  /** Options of a select; for others empty: the caller opens the list and clicks. */
  Optional<Did> selectNative(Action.Select select) {
    Optional<Did> disabled = disabled(select.target());
    if (disabled.isPresent()) {
      return disabled;
    }
    Did did =
        on(
            select.target(),
            place -> {
              JsonNode answer =
                  tab.callOn(
                      place.frame().orElseThrow(),
                      place.backend(),
                      Scripts.CHOOSE,
                      select.options());
              if (answer.path("notSelect").asBoolean(false)) {
                return new Did.Refused(Outcome.NO_EFFECT, "");
              }
              if (!answer.path("missing").isMissingNode()) {
                return new Did.Refused(
                    Outcome.NOT_FOUND,
                    "there is no option \"%s\" here, only %s"
                        .formatted(answer.path("missing").asString(""), answer.path("options")));
              }
              return new Did.Done(place.note());
            });
    return did instanceof Did.Refused(Outcome outcome, String message)
            && outcome == Outcome.NO_EFFECT
            && message.isEmpty()
        ? Optional.empty()
        : Optional.of(did);
  }

  Did set(Action.SetTo set) {
    Optional<Did> disabled = disabled(set.target());
    if (disabled.isPresent()) {
      return disabled.get();
    }
    Optional<Node> node = node(set.target());
    Role role = node.map(Node::role).orElse(Role.TEXTBOX);
    return switch (role) {
      case CHECKBOX, RADIO, SWITCH, MENUITEM, BUTTON -> check(set, node.orElseThrow());
      case SLIDER -> slide(set, node.orElseThrow());
      default -> assign(set);
    };
  }

  private Did check(Action.SetTo set, Node node) {
    boolean on =
        switch (set.value().strip().toLowerCase(Locale.ROOT)) {
          case "on", "true", "yes", "checked", "1" -> true;
          case "off", "false", "no", "unchecked", "0" -> false;
          default ->
              throw new IllegalArgumentException(
                  "'%s' is neither on nor off".formatted(set.value()));
        };
    boolean is = node.is(State.CHECKED) || node.is(State.SELECTED);
    return is == on
        ? new Did.Done("it was %s already".formatted(on ? "on" : "off"))
        : click(new Action.Click(set.target()));
  }

  private Did assign(Action.SetTo set) {
    return on(
        set.target(),
        place -> {
          JsonNode answer =
              tab.callOn(place.frame().orElseThrow(), place.backend(), Scripts.ASSIGN, set.value());
          if (answer.path("notField").asBoolean(false)) {
            return new Did.Refused(Outcome.NOT_FOUND, set.target() + " holds no value to set");
          }
          String took = answer.path("value").asString("");
          return new Did.Done(
              took.equals(set.value()) ? place.note() : "the field made \"" + took + "\" of it");
        });
  }

  /** A native slider takes the value; others are moved by arrow keys until they show it. */
  private Did slide(Action.SetTo set, Node node) {
    Did did = assign(set);
    if (!(did instanceof Did.Refused(Outcome outcome, String _)) || outcome != Outcome.NOT_FOUND) {
      return did;
    }
    double wanted;
    try {
      wanted = Double.parseDouble(set.value().strip());
    } catch (NumberFormatException e) {
      return new Did.Refused(Outcome.NOT_FOUND, "a slider needs a number, not " + set.value());
    }
    return on(
        set.target(),
        place -> {
          Frame frame = place.frame().orElseThrow();
          tab.callOn(frame, place.backend(), "function () { this.focus(); }");
          String read = "function () { return this.getAttribute('aria-valuenow'); }";
          for (int i = 0; i < MOST_ARROWS; i++) {
            double now =
                Double.parseDouble(tab.callOn(frame, place.backend(), read).asString("NaN"));
            if (Double.isNaN(now)) {
              return new Did.Refused(Outcome.NO_EFFECT, node + " does not say its value");
            }
            if (now == wanted) {
              return new Did.Done(place.note());
            }
            input.key(KeyStroke.parse(now < wanted ? "ArrowRight" : "ArrowLeft"));
            double then =
                Double.parseDouble(tab.callOn(frame, place.backend(), read).asString("NaN"));
            if (then == now || (then - wanted) * (now - wanted) < 0) {
              return new Did.Refused(
                  Outcome.NO_EFFECT, "the slider stands at %s and goes no nearer".formatted(then));
            }
          }
          return new Did.Refused(Outcome.TIMEOUT, "the slider took too many steps");
        });
  }

  Did scroll(Action.Scroll scroll) {
    if (scroll.target().isPresent() && scroll.dx() == 0 && scroll.dy() == 0) {
      return on(
          scroll.target().get(),
          place -> {
            tab.callOn(
                place.frame().orElseThrow(),
                place.backend(),
                "function () { (this.nodeType === 1 ? this : this.parentElement)"
                    + ".scrollIntoView({block: 'center', behavior: 'instant'}); }");
            return new Did.Done(place.note());
          });
    }
    if (scroll.target().isEmpty()) {
      Bounds view = seen.get().viewport();
      input.wheel(new Point(view.width() / 2, view.height() / 2), scroll.dx(), scroll.dy());
      return new Did.Done("");
    }
    return at(
        scroll.target().get(),
        place -> {
          input.wheel(place.point(), scroll.dx(), scroll.dy());
          return new Did.Done(place.note());
        });
  }

  Did drag(Action.Drag drag) {
    return at(
        drag.to(),
        brought ->
            at(
                drag.from(),
                from ->
                    switch (locator.point(drag.to())) { // bringing one into view moves the other
                      case Located.Not not -> new Did.Refused(not.outcome(), not.message());
                      case Located.At to -> {
                        input.drag(from.point(), to.point(), DRAG_STEPS);
                        yield new Did.Done(from.note() + to.note());
                      }
                    }));
  }

  Did upload(Action.Upload upload) {
    for (Path file : upload.files()) {
      if (!Files.isReadable(file)) {
        return new Did.Refused(Outcome.NOT_FOUND, "there is no file " + file);
      }
    }
    tab.takeChooser();
    Optional<Node> node = node(upload.target());
    boolean field = node.map(n -> n.can(dev.krafla.screen.ActionKind.UPLOAD)).orElse(false);
    if (field) {
      return on(
          upload.target(),
          place -> {
            give(place.frame().orElseThrow().session(), place.backend(), upload.files());
            return new Did.Done(place.note());
          });
    }
    Did clicked = click(new Action.Click(upload.target()));
    if (clicked instanceof Did.Refused) {
      return clicked;
    }
    Quiet.await(tab);
    Optional<PageTab.FileChooser> chooser = tab.takeChooser();
    if (chooser.isEmpty()) {
      return new Did.Refused(
          Outcome.NO_EFFECT, "clicking %s asked for no file".formatted(upload.target()));
    }
    if (upload.files().size() > 1 && !chooser.get().several()) {
      return new Did.Refused(Outcome.AMBIGUOUS, "only one file is asked for here");
    }
    give(chooser.get().session(), chooser.get().field(), upload.files());
    return clicked;
  }

  private static void give(CdpSession session, int field, List<Path> files) {
    session.call(
        "DOM.setFileInputFiles",
        "files",
        files.stream().map(f -> f.toAbsolutePath().toString()).toList(),
        "backendNodeId",
        field);
  }
}
