package dev.krafla.screen;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One thing on a screen.
 *
 * @param name what it is called; a text's own words; may be empty
 * @param value a field's content, a link's address, a heading's level; never a secret
 * @param bounds the part of its box that no scroll container cuts off
 * @param actions what can be done to it
 * @param confidence below 1 where role or name were guessed, as from a class or a picture's file
 * @param frame the frame it lies in, empty for the main one
 */
public record Node(
    Ref ref,
    Role role,
    String name,
    Optional<String> value,
    Set<State> states,
    Bounds bounds,
    Set<ActionKind> actions,
    Source source,
    double confidence,
    Trust trust,
    String frame,
    List<Node> children) {
  public Node {
    states = unmodifiable(states, State.class);
    actions = unmodifiable(actions, ActionKind.class);
    children = List.copyOf(children);
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new IllegalArgumentException("confidence is " + confidence + "; it must be in [0, 1]");
    }
  }

  private static <E extends Enum<E>> Set<E> unmodifiable(Set<E> set, Class<E> type) {
    EnumSet<E> copy = EnumSet.noneOf(type);
    copy.addAll(set);
    return Collections.unmodifiableSet(copy);
  }

  public boolean is(State state) {
    return states.contains(state);
  }

  public boolean can(ActionKind action) {
    return actions.contains(action);
  }

  /** Whether a person could act on it. */
  public boolean interactive() {
    return !actions.isEmpty();
  }

  /** Itself and all below, in reading order. */
  public Stream<Node> stream() {
    List<Node> all = new ArrayList<>();
    collect(all);
    return all.stream();
  }

  private void collect(List<Node> into) {
    into.add(this);
    for (Node child : children) {
      child.collect(into);
    }
  }

  /** All words in it, in reading order, with single spaces. */
  public String text() {
    var words = new StringBuilder();
    addText(words);
    return words.toString().strip();
  }

  private void addText(StringBuilder words) {
    boolean container =
        switch (role) {
          case WINDOW, REGION, LIST, TABLE, TEXTBOX, COMBOBOX, SLIDER -> true;
          case DIALOG,
              MENU,
              MENUITEM,
              TAB,
              TABLIST,
              NAV,
              LISTITEM,
              ROW,
              CELL,
              HEADING,
              TEXT,
              LINK,
              BUTTON,
              CHECKBOX,
              RADIO,
              SWITCH,
              IMAGE,
              CANVAS ->
              false;
        };
    boolean sayIt = !name.isBlank() && !container;
    if (sayIt && confidence == 1) {
      words.append(name).append(' ');
    }
    for (Node child : children) {
      if (!(sayIt && child.role == Role.TEXT && name.contains(child.name))) {
        child.addText(words);
      }
    }
  }

  @Override
  public String toString() {
    return ref + " " + role.word() + " \"" + name + "\"";
  }
}
