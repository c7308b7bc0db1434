package dev.krafla.screen;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One of the fourteen things that can be done to a surface. */
public sealed interface Action {
  /** Its name in the closed list. */
  ActionKind kind();

  /** Keys held while a pointer acts. */
  enum Modifier {
    ALT,
    CONTROL,
    META,
    SHIFT
  }

  /** Mouse buttons. */
  enum Button {
    LEFT,
    MIDDLE,
    RIGHT
  }

  /**
   * @param count 2 is a double click
   */
  record Click(Target target, int count, Button button, Set<Modifier> modifiers) implements Action {
    public Click {
      modifiers = Set.copyOf(modifiers);
      if (count < 1 || count > 3) {
        throw new IllegalArgumentException("count is " + count + "; it must be 1, 2 or 3");
      }
    }

    public Click(Target target) {
      this(target, 1, Button.LEFT, Set.of());
    }

    @Override
    public ActionKind kind() {
      return ActionKind.CLICK;
    }
  }

  /**
   * Text into a field, key by key as far as keyboards have them.
   *
   * @param target empty: whatever has the focus
   * @param clear whether what is there goes first
   * @param submit whether Enter follows
   * @param secret whether the text must not be shown anywhere
   */
  record Type(Optional<Target> target, String text, boolean clear, boolean submit, boolean secret)
      implements Action {
    public Type(Target target, String text) {
      this(Optional.of(target), text, true, false, false);
    }

    @Override
    public ActionKind kind() {
      return ActionKind.TYPE;
    }

    @Override
    public String toString() {
      return "Type[target=%s, text=%s, clear=%s, submit=%s]"
          .formatted(target, secret ? "(secret)" : text, clear, submit);
    }
  }

  /**
   * @param keys as {@code Enter}, {@code Control+A}, {@code ArrowDown}
   */
  record Key(String keys) implements Action {
    @Override
    public ActionKind kind() {
      return ActionKind.KEY;
    }
  }

  /**
   * Chooses in a list or combo box, by what is shown or by value.
   *
   * @param options more than one only where several can be chosen
   */
  record Select(Target target, List<String> options) implements Action {
    public Select {
      options = List.copyOf(options);
      if (options.isEmpty()) {
        throw new IllegalArgumentException("select needs an option to choose");
      }
    }

    @Override
    public ActionKind kind() {
      return ActionKind.SELECT;
    }
  }

  /**
   * Brings something to a state: {@code on} and {@code off} for what can be checked, a number for a
   * slider, a date, time or colour for such a field.
   */
  record SetTo(Target target, String value) implements Action {
    @Override
    public ActionKind kind() {
      return ActionKind.SET;
    }
  }

  /**
   * Scrolls what is at the target by so many pixels; (0, 0) brings the target into view.
   *
   * @param target empty: the page
   */
  record Scroll(Optional<Target> target, double dx, double dy) implements Action {
    @Override
    public ActionKind kind() {
      return ActionKind.SCROLL;
    }
  }

  /** Presses at one place, moves, releases at another. */
  record Drag(Target from, Target to) implements Action {
    @Override
    public ActionKind kind() {
      return ActionKind.DRAG;
    }
  }

  /** Moves the pointer there. */
  record Hover(Target target) implements Action {
    @Override
    public ActionKind kind() {
      return ActionKind.HOVER;
    }
  }

  /** Gives files to a file field, or to what opens a file chooser. */
  record Upload(Target target, List<Path> files) implements Action {
    public Upload {
      files = List.copyOf(files);
    }

    @Override
    public ActionKind kind() {
      return ActionKind.UPLOAD;
    }
  }

  /**
   * @param newTab whether what is shown now stays open
   */
  record Open(String location, boolean newTab) implements Action {
    public Open(String location) {
      this(location, false);
    }

    @Override
    public ActionKind kind() {
      return ActionKind.OPEN;
    }
  }

  /** To where the surface was before. */
  record Back() implements Action {
    @Override
    public ActionKind kind() {
      return ActionKind.BACK;
    }
  }

  /**
   * To another tab.
   *
   * @param tab as {@code t2}
   * @param close whether the tab is closed instead
   */
  record Switch(String tab, boolean close) implements Action {
    @Override
    public ActionKind kind() {
      return ActionKind.SWITCH;
    }
  }

  /**
   * Until something holds.
   *
   * @param text until the screen has it; empty: until the surface is quiet
   * @param gone whether to wait until the text is gone instead
   * @param atMost then the outcome is TIMEOUT
   */
  record Wait(Optional<String> text, boolean gone, Duration atMost) implements Action {
    @Override
    public ActionKind kind() {
      return ActionKind.WAIT;
    }
  }

  /**
   * Reads without acting.
   *
   * @param within a part of the screen; empty: all of it
   * @param query words to find; empty: everything
   */
  record Read(Optional<Ref> within, String query) implements Action {
    @Override
    public ActionKind kind() {
      return ActionKind.READ;
    }
  }
}
