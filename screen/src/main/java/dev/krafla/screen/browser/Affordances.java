package dev.krafla.screen.browser;

import dev.krafla.screen.ActionKind;
import dev.krafla.screen.Role;
import dev.krafla.screen.State;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What can be done to an element, what it holds, and how it is. */
final class Affordances {
  /** Input types whose content is set by a control of the browser's own, not typed. */
  private static final Set<String> SET_BY_CONTROL =
      Set.of("date", "time", "datetime-local", "month", "week", "color", "range");

  private Affordances() {}

  /** The actions; a new set. */
  static Set<ActionKind> of(
      Role role, AxTree.AxNode ax, DomSnapshot.Doc doc, int node, boolean clickable) {
    Set<ActionKind> actions = EnumSet.noneOf(ActionKind.class);
    if (ax.is("disabled")) {
      return actions;
    }
    String element = doc.name(node);
    String type = doc.attributeOr(node, "type").toLowerCase(Locale.ROOT);
    switch (role) {
      case LINK, MENUITEM, TAB -> actions.add(ActionKind.CLICK);
      case BUTTON -> {
        actions.add(ActionKind.CLICK);
        if (element.equals("INPUT") && type.equals("file")) {
          actions.add(ActionKind.UPLOAD);
        }
      }
      case CHECKBOX, RADIO, SWITCH -> actions.addAll(Set.of(ActionKind.CLICK, ActionKind.SET));
      case TEXTBOX -> {
        actions.addAll(Set.of(ActionKind.CLICK, ActionKind.TYPE));
        if (SET_BY_CONTROL.contains(type)) {
          actions.add(ActionKind.SET);
        }
      }
      case COMBOBOX -> {
        actions.addAll(Set.of(ActionKind.CLICK, ActionKind.SELECT));
        if (!element.equals("SELECT")) {
          actions.add(ActionKind.TYPE);
        }
      }
      case SLIDER -> actions.addAll(Set.of(ActionKind.SET, ActionKind.DRAG, ActionKind.CLICK));
      case CANVAS -> actions.addAll(Set.of(ActionKind.CLICK, ActionKind.DRAG));
      case LIST -> {
        if (element.equals("SELECT")) {
          actions.add(ActionKind.SELECT);
        }
      }
      case LISTITEM -> {
        boolean choice = ax.role().equals("option") || ax.role().equals("treeitem");
        if (choice && doc.isLaidOut(node)) {
          actions.add(ActionKind.CLICK);
        }
      }
      case WINDOW, DIALOG, MENU, TABLIST, NAV, TABLE, ROW, CELL, HEADING, TEXT, IMAGE, REGION -> {}
    }
    if (clickable) {
      actions.add(ActionKind.CLICK);
    }
    if ("true".equals(doc.attribute(node, "draggable"))) {
      actions.add(ActionKind.DRAG);
    }
    return actions;
  }

  /** A field's content, a link's address, a heading's level; never a secret. */
  static Optional<String> value(Role role, AxTree.AxNode ax, DomSnapshot.Doc doc, int node) {
    if (role == Role.LINK) {
      String url = ax.property("url");
      return url.isEmpty() ? Optional.empty() : Optional.of(url);
    }
    if (role == Role.HEADING) {
      String level = ax.property("level");
      return level.isEmpty() ? Optional.empty() : Optional.of(level);
    }
    if (isSecret(doc, node)) {
      String held = doc.inputValue(node);
      return held.isEmpty() ? Optional.empty() : Optional.of("•".repeat(8));
    }
    String value = ax.value().isEmpty() && role == Role.TEXTBOX ? doc.inputValue(node) : ax.value();
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  private static boolean isSecret(DomSnapshot.Doc doc, int node) {
    return doc.name(node).equals("INPUT")
        && doc.attributeOr(node, "type").equalsIgnoreCase("password");
  }

  /** The states; a new set. */
  static Set<State> states(AxTree.AxNode ax, DomSnapshot.Doc doc, int node, boolean interactive) {
    Set<State> states = EnumSet.noneOf(State.class);
    if (interactive && !ax.is("disabled")) {
      states.add(State.ENABLED);
    }
    switch (ax.property("checked")) {
      case "true" -> states.add(State.CHECKED);
      case "mixed" -> states.add(State.MIXED);
      default -> {}
    }
    switch (ax.property("expanded")) {
      case "true" -> states.add(State.EXPANDED);
      case "false" -> states.add(State.COLLAPSED);
      default -> {}
    }
    if (ax.is("pressed")) {
      states.add(State.SELECTED);
    }
    String invalid = ax.property("invalid");
    if (!invalid.isEmpty() && !invalid.equals("false")) {
      states.add(State.INVALID);
    }
    flag(ax, "focused", State.FOCUSED, states);
    flag(ax, "selected", State.SELECTED, states);
    flag(ax, "required", State.REQUIRED, states);
    flag(ax, "readonly", State.READONLY, states);
    flag(ax, "busy", State.BUSY, states);
    if (isSecret(doc, node)) {
      states.add(State.PROTECTED);
    }
    return states;
  }

  private static void flag(AxTree.AxNode ax, String property, State state, Set<State> states) {
    if (ax.is(property)) {
      states.add(state);
    }
  }
}
