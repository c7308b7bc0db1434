package dev.krafla.screen.browser;

import dev.krafla.screen.ActionKind;
import dev.krafla.screen.Bounds;
import dev.krafla.screen.Node;
import dev.krafla.screen.Ref;
import dev.krafla.screen.Role;
import dev.krafla.screen.Screen;
import dev.krafla.screen.Source;
import dev.krafla.screen.State;
import dev.krafla.screen.Trust;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A dialog of the browser as nodes: its words, its buttons, its field. The page behind it answers
 * nothing while it is open, so that the screen before it stands for the page.
 */
final class DialogScreen {
  /** Stands where other identities have a frame. */
  static final String FRAME = "dialog";

  /** What the parts of a dialog are numbered. */
  enum Part {
    DIALOG(1),
    MESSAGE(2),
    FIELD(3),
    OK(4),
    CANCEL(5);

    private final int number;

    Part(int number) {
      this.number = number;
    }

    static Optional<Part> of(int number) {
      return Arrays.stream(values()).filter(p -> p.number == number).findFirst();
    }
  }

  private DialogScreen() {}

  /**
   * @param behind the last screen of the page
   * @param number tells this dialog from others
   */
  static Screen of(
      PageDialog dialog, Screen behind, RefBook refs, int generation, int number, String typed) {
    List<Node> parts = new ArrayList<>();
    parts.add(
        node(Part.MESSAGE, Role.TEXT, dialog.message(), "", refs, generation, number, List.of()));
    if (dialog.asksForText()) {
      parts.add(
          node(
              Part.FIELD,
              Role.TEXTBOX,
              "Answer",
              typed,
              refs,
              generation,
              number,
              List.of(),
              ActionKind.TYPE));
    }
    boolean leaving = dialog.type().equals("beforeunload");
    parts.add(
        node(
            Part.OK,
            Role.BUTTON,
            leaving ? "Leave" : "OK",
            "",
            refs,
            generation,
            number,
            List.of(),
            ActionKind.CLICK));
    if (dialog.hasCancel()) {
      parts.add(
          node(
              Part.CANCEL,
              Role.BUTTON,
              leaving ? "Stay" : "Cancel",
              "",
              refs,
              generation,
              number,
              List.of(),
              ActionKind.CLICK));
    }
    Node root = node(Part.DIALOG, Role.DIALOG, dialog.type(), "", refs, generation, number, parts);
    List<Node> nodes = new ArrayList<>();
    nodes.add(root);
    nodes.addAll(behind.nodes());
    Screen screen =
        new Screen(
            behind.surface(),
            generation,
            behind.location(),
            behind.title(),
            behind.viewport(),
            behind.contentHeight(),
            behind.scale(),
            behind.focus(),
            Optional.of(root.ref()),
            nodes,
            behind.elsewhere());
    refs.note(screen);
    return screen;
  }

  private static Node node(
      Part part,
      Role role,
      String name,
      String value,
      RefBook refs,
      int generation,
      int number,
      List<Node> children,
      ActionKind... actions) {
    var identity = new RefBook.Identity(FRAME, Integer.toString(number), part.number);
    Set<State> states = EnumSet.noneOf(State.class);
    if (actions.length > 0) {
      states.add(State.ENABLED);
    }
    return new Node(
        new Ref(refs.number(identity), generation),
        role,
        name,
        value.isEmpty() ? Optional.empty() : Optional.of(value),
        states,
        Bounds.EMPTY,
        Set.of(actions),
        Source.BROWSER,
        1,
        Trust.WEB,
        "",
        children);
  }
}
