package dev.krafla.screen.browser;

import dev.krafla.screen.Action.Button;
import dev.krafla.screen.Action.Modifier;
import dev.krafla.screen.Point;
import dev.krafla.screen.cdp.CdpSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ObjectNode;

/**
 * Pointer and keys of one tab: the browser's own input events, which pages cannot tell from a
 * person's. Each returns when the page has handled it, or has opened a dialog instead.
 */
final class Input {
  private static final long PATIENCE_NANOS = CdpSession.PATIENCE.toNanos();

  private final PageTab tab;
  private final List<Sent> sent = new ArrayList<>();

  private record Sent(String what, CompletableFuture<ObjectNode> answer) {}

  Input(PageTab tab) {
    this.tab = tab;
  }

  private void send(String method, ObjectNode params) {
    sent.add(new Sent(method, tab.main().send(method, params)));
  }

  /** Waits for what was sent; stops where a dialog holds the page. */
  private void flush() {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    try {
      for (Sent s : sent) {
        if (tab.awaitOrDialog(s.what, s.answer, deadline).isEmpty()) {
          return;
        }
      }
    } finally {
      sent.clear();
    }
  }

  private void mouse(
      String type, Point at, Button button, int buttons, int count, Set<Modifier> held) {
    send(
        "Input.dispatchMouseEvent",
        CdpSession.params(
            "type",
            type,
            "x",
            at.x(),
            "y",
            at.y(),
            "button",
            type.equals("mouseMoved") && buttons == 0
                ? "none"
                : button.name().toLowerCase(Locale.ROOT),
            "buttons",
            buttons,
            "clickCount",
            count,
            "modifiers",
            KeyStroke.bits(held),
            "pointerType",
            "mouse"));
  }

  private static int bit(Button button) {
    return switch (button) {
      case LEFT -> 1;
      case RIGHT -> 2;
      case MIDDLE -> 4;
    };
  }

  void hover(Point at) {
    mouse("mouseMoved", at, Button.LEFT, 0, 0, Set.of());
    flush();
  }

  void click(Point at, Button button, int count, Set<Modifier> held) {
    mouse("mouseMoved", at, button, 0, 0, held);
    for (int i = 1; i <= count; i++) {
      mouse("mousePressed", at, button, bit(button), i, held);
      mouse("mouseReleased", at, button, 0, i, held);
    }
    flush();
  }

  void wheel(Point at, double dx, double dy) {
    ObjectNode params =
        CdpSession.params(
            "type", "mouseWheel", "x", at.x(), "y", at.y(), "deltaX", dx, "deltaY", dy);
    send("Input.dispatchMouseEvent", params);
    flush();
  }

  /**
   * Presses, moves, releases. Where the page begins a drag of HTML's kind on the way, its data is
   * dropped at the end.
   */
  void drag(Point from, Point to, int steps) {
    tab.takeDragged();
    tab.main().call("Input.setInterceptDrags", "enabled", true);
    try {
      mouse("mouseMoved", from, Button.LEFT, 0, 0, Set.of());
      mouse("mousePressed", from, Button.LEFT, 1, 1, Set.of());
      flush();
      Optional<ObjectNode> data = Optional.empty();
      for (int i = 1; i <= steps && data.isEmpty(); i++) {
        double t = (double) i / steps;
        mouse("mouseMoved", between(from, to, t), Button.LEFT, 1, 0, Set.of());
        flush();
        data = tab.takeDragged();
      }
      if (data.isPresent()) {
        for (String type : List.of("dragEnter", "dragOver", "drop")) {
          send(
              "Input.dispatchDragEvent",
              CdpSession.params("type", type, "x", to.x(), "y", to.y(), "data", data.get()));
          flush();
        }
      }
      mouse("mouseReleased", to, Button.LEFT, 0, 1, Set.of());
      flush();
    } finally {
      if (tab.dialog().isEmpty() && tab.crash().isEmpty()) {
        tab.main().call("Input.setInterceptDrags", "enabled", false);
      }
    }
  }

  private static Point between(Point from, Point to, double t) {
    return new Point(from.x() + (to.x() - from.x()) * t, from.y() + (to.y() - from.y()) * t);
  }

  void key(KeyStroke stroke) {
    press(stroke);
    flush();
  }

  private void press(KeyStroke stroke) {
    int bits = KeyStroke.bits(stroke.modifiers());
    boolean writes = !stroke.text().isEmpty();
    ObjectNode down =
        CdpSession.params(
            "type",
            writes ? "keyDown" : "rawKeyDown",
            "key",
            stroke.key(),
            "code",
            stroke.code(),
            "windowsVirtualKeyCode",
            stroke.virtualCode(),
            "modifiers",
            bits);
    if (writes) {
      down.put("text", stroke.text());
      down.put("unmodifiedText", stroke.text());
    }
    String command = command(stroke);
    if (!command.isEmpty()) {
      down.putArray("commands").add(command);
    }
    send("Input.dispatchKeyEvent", down);
    send(
        "Input.dispatchKeyEvent",
        CdpSession.params(
            "type",
            "keyUp",
            "key",
            stroke.key(),
            "code",
            stroke.code(),
            "windowsVirtualKeyCode",
            stroke.virtualCode(),
            "modifiers",
            bits));
  }

  /** Editing commands that a desktop's key bindings would give; headless browsers have none. */
  private static String command(KeyStroke stroke) {
    if (stroke.modifiers().equals(Set.of(Modifier.CONTROL))
        || stroke.modifiers().equals(Set.of(Modifier.META))) {
      return switch (stroke.code()) {
        case "KeyA" -> "selectAll";
        case "KeyC" -> "copy";
        case "KeyV" -> "paste";
        case "KeyX" -> "cut";
        case "KeyZ" -> "undo";
        default -> "";
      };
    }
    return "";
  }

  /** Character by character; what no key writes is put in as an input method does. */
  void type(String text) {
    text.codePoints()
        .mapToObj(Character::toString)
        .forEach(character ->
            KeyStroke.of(character)
                .ifPresentOrElse(
                    this::press,
                    () -> send("Input.insertText", CdpSession.params("text", character))));
    flush();
  }
}
